// The bundled tools, in the order they are listed.
import { archive } from "./archive.js";
import { calculate } from "./calculate.js";
import { changeCase } from "./change-case.js";
import { convertData } from "./convert-data.js";
import { convertTimeZone } from "./convert-time-zone.js";
import { convertUnits } from "./convert-units.js";
import { countText } from "./count-text.js";
import { csvQuery } from "./csv-query.js";
import { currentTime } from "./current-time.js";
import type { Tool } from "./define.js";
import { diffFiles } from "./diff-files.js";
import { directoryTree } from "./directory-tree.js";
import { disk } from "./disk.js";
import { dnsLookup } from "./dns-lookup.js";
import { duration } from "./duration.js";
import { editFile } from "./edit-file.js";
import { environment } from "./environment.js";
import { fetchUrl } from "./fetch-url.js";
import { findFiles } from "./find-files.js";
import { gitDiff } from "./git-diff.js";
import { gitLog } from "./git-log.js";
import { gitStatus } from "./git-status.js";
import { hashFile } from "./hash-file.js";
import { htmlToPlainText } from "./html-to-text.js";
import { jsonQuery } from "./json-query.js";
import { listDirectory } from "./list-directory.js";
import { markdownToText } from "./markdown-to-text.js";
import { moveFile } from "./move-file.js";
import { nextCron } from "./next-cron.js";
import { parseUrl } from "./parse-url.js";
import { processes } from "./processes.js";
import { random } from "./random.js";
import { readFile } from "./read-file.js";
import { regex } from "./regex.js";
import { searchFiles } from "./search-files.js";
import { sqliteQuery } from "./sqlite-query.js";
import { statistics } from "./statistics.js";
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
  sqliteQuery,
  // Time.
  currentTime,
  convertTimeZone,
  nextCron,
  duration,
  // Numbers.
  calculate,
  convertUnits,
  statistics,
  random,
  // The net.
  fetchUrl,
  parseUrl,
  dnsLookup,
  // The system.
  environment,
  processes,
  disk,
  // Git.
  gitStatus,
  gitLog,
  gitDiff,
];
