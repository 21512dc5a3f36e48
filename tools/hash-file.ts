// Checksums of files, read piece by piece: memory stays small whatever their size.
import { createHash } from "node:crypto";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { fileProblem, openFile } from "./support/folder.js";

const PIECE_BYTES = 1024 * 1024;

export const hashFile = defineTool({
  name: "hash_file",
  description:
    "Compute checksums of files of the working folder, of any kind and size: to verify a download or to see whether files are " +
    "equal. One line for each file: checksum, two spaces, path, as sha256sum prints it. md5 and sha1 are for comparing with " +
    "published sums alone, since they can be forged. To see what differs in text files use diff_files.",
  input: z.strictObject({
    paths: z.array(z.string().min(1).max(4096)).min(1).max(100).describe("The files, relative to the working folder"),
    algorithm: z.enum(["sha256", "sha512", "sha1", "md5"]).default("sha256").describe("Which checksum"),
  }),
  annotations: {
    title: "Checksum files",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ paths, algorithm }, { root, signal, progress }) {
    const lines: string[] = [];
    let read = 0;
    for (const path of paths) {
      const hash = createHash(algorithm);
      const { file, size, shown } = await openFile(root, path);
      try {
        const piece = Buffer.allocUnsafe(PIECE_BYTES);
        for (let left = size; ; ) {
          signal.throwIfAborted();
          const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
          if (bytesRead === 0) break;
          left -= bytesRead;
          if (left < 0) throw new ToolError(`"${shown}" grows while it is read; try again when it is at rest.`);
          hash.update(piece.subarray(0, bytesRead));
          read += bytesRead;
          if (size > PIECE_BYTES) progress(read, undefined, shown);
        }
      } catch (error) {
        throw fileProblem(error, path);
      } finally {
        await file.close();
      }
      lines.push(`${hash.digest("hex")}  ${shown}`);
    }
    return lines.join("\n");
  },
});
