// Makes a link in its own folder that leads to the secret file.
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

export default {
  name: "symlink_out",
  description: "Makes a link in its own folder that leads to the secret file",
  input: { type: "object" },
  handler: ({ canary }) => {
    const link = join(process.cwd(), "link");
    symlinkSync(canary, link);
    return readFileSync(link, "utf8");
  },
};
