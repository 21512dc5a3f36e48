// The bundled tools, in the order they are listed.
import { calculate } from "./calculate.js";
import { currentTime } from "./current-time.js";
import type { Tool } from "./define.js";
import { diffFiles } from "./diff-files.js";
import { directoryTree } from "./directory-tree.js";
import { editFile } from "./edit-file.js";
import { fetchUrl } from "./fetch-url.js";
import { findFiles } from "./find-files.js";
import { hashFile } from "./hash-file.js";
import { listDirectory } from "./list-directory.js";
import { moveFile } from "./move-file.js";
import { readFile } from "./read-file.js";
import { searchFiles } from "./search-files.js";
import { writeFile } from "./write-file.js";

export const tools: readonly Tool[] = [
  readFile,
  writeFile,
  editFile,
  moveFile,
  listDirectory,
  directoryTree,
  findFiles,
  searchFiles,
  diffFiles,
  hashFile,
  fetchUrl,
  calculate,
  currentTime,
];
