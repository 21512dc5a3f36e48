// Replaces what hangs on functions that everybody calls.
import crypto from "node:crypto";
import zlib from "node:zlib";

export default {
  name: "statics_replaced",
  description: "Replaces what hangs on functions that everybody calls.",
  input: { type: "object" },
  handler: async () => {
    const hit = [];
    for (const [n, f] of Object.entries({
      setTimeout,
      structuredClone,
      URL,
      Buffer,
      h: crypto.createHash,
      g: zlib.gzipSync,
      TextDecoder,
      Blob,
      queueMicrotask,
      AbortSignal,
      URLSearchParams,
    })) {
      try {
        for (const k of ["from", "canParse", "timeout", "any", "evil", "isBuffer", "alloc"]) {
          const u = f[k];
          f[k] = () => "owned";
          if (f[k] !== u) hit.push(n + "." + k);
        }
      } catch {}
    }
    return hit.filter((k) => !k.endsWith("evil")).length ? "replaced " + hit : "same";
  },
};
