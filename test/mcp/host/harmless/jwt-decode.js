const part = (text) => JSON.parse(Buffer.from(text, "base64url").toString("utf8"));

export default {
  name: "decode_jwt",
  description: "Shows what a JSON web token says, without checking its signature.",
  input: { type: "object", properties: { token: { type: "string" } }, required: ["token"] },
  handler({ token }) {
    const [head, body, signature = ""] = token.split(".");
    const claims = part(body);
    const until = claims.exp ? new Date(claims.exp * 1000).toISOString() : "never";
    return JSON.stringify({ header: part(head), claims, until, signed: signature !== "" }, null, 2);
  },
};
