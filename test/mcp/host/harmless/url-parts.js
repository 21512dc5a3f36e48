import path from "node:path";
import * as querystring from "node:querystring";

export default {
  name: "url_parts",
  description: "Takes a URL apart: host, path, file name, ending and query.",
  input: { type: "object", properties: { url: { type: "string", format: "uri" } }, required: ["url"] },
  handler: ({ url }) => {
    const { hostname, pathname, search, searchParams } = new URL(url);
    const query = Object.fromEntries(searchParams);
    return JSON.stringify({ hostname, pathname, base: path.posix.basename(pathname), ending: path.extname(pathname), query, raw: querystring.parse(search.slice(1)) }, null, 2);
  },
};
