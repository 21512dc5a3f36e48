export default {
  name: "xor_text",
  description: "Scrambles a text with a key by exclusive or, and gives it as base64; or the way back.",
  input: { type: "object", properties: { text: { type: "string" }, key: { type: "string", minLength: 1 }, back: { type: "boolean" } }, required: ["text", "key"] },
  handler({ text, key, back }: { text: string; key: string; back?: boolean }): string {
    const bytes = back ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : new TextEncoder().encode(text);
    const secret = new TextEncoder().encode(key);
    const mixed = bytes.map((byte, i) => byte ^ secret[i % secret.length]!);
    return back ? new TextDecoder().decode(mixed) : btoa(String.fromCharCode(...mixed));
  },
};
