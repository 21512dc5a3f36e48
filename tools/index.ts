// The bundled tools, in the order they are listed.
import { archive } from "./archive.js";
import { calculate } from "./calculate.js";
import { changeCase } from "./change-case.js";
import { convertData } from "./convert-data.js";
import { countText } from "./count-text.js";
import { csvQuery } from "./csv-query.js";
import { currentTime } from "./current-time.js";
import type { Tool } from "./define.js";
import { diffFiles } from "./diff-files.js";
import { directoryTree } from "./directory-tree.js";
import { editFile } from "./edit-file.js";
import { fetchUrl } from "./fetch-url.js";
import { findFiles } from "./find-files.js";
import { hashFile } from "./hash-file.js";
import { htmlToPlainText } from "./html-to-text.js";
import { jsonQuery } from "./json-query.js";
import { listDirectory } from "./list-directory.js";
import { markdownToText } from "./markdown-to-text.js";
import { moveFile } from "./move-file.js";
import { readFile } from "./read-file.js";
import { regex } from "./regex.js";
import { searchFiles } from "./search-files.js";
import { template } from "./template.js";
import { validateJson } from "./validate-json.js";
import { writeFile } from "./write-file.js";

export const tools: readonly Tool[] = [
  // Files.
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
  archive,
  // Text.
  countText,
  changeCase,
  regex,
  template,
  markdownToText,
  htmlToPlainText,
  // Data.
  jsonQuery,
  convertData,
  csvQuery,
  validateJson,
  // The rest.
  fetchUrl,
  calculate,
  currentTime,
];
