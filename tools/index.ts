// The bundled tools, in the order they are listed.
import { calculate } from "./calculate.js";
import { currentTime } from "./current-time.js";
import type { Tool } from "./define.js";
import { fetchUrl } from "./fetch-url.js";
import { listDirectory } from "./list-directory.js";
import { readFile } from "./read-file.js";
import { searchFiles } from "./search-files.js";
import { writeFile } from "./write-file.js";

export const tools: readonly Tool[] = [
  readFile,
  writeFile,
  listDirectory,
  searchFiles,
  fetchUrl,
  calculate,
  currentTime,
];
