import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "zlib";

const pack = promisify(gzip);
const brotli = promisify(brotliCompress);

export default {
  name: "compressed_size",
  description: "Tells how small a text becomes with gzip and with brotli.",
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  async handler({ text }) {
    const data = Buffer.from(text, "utf8");
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    const [a, b] = await Promise.all([pack(data), brotli(data, { params })]);
    return `${data.length} bytes plain, ${a.length} with gzip, ${b.length} with brotli`;
  },
};
