export default {
  name: "float_bits",
  description: "Shows the bits of a floating point number: sign, exponent and fraction.",
  input: { type: "object", properties: { number: { type: "number" } }, required: ["number"] },
  handler({ number }) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, number);
    const bits = [...new Uint8Array(view.buffer)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return `${bits[0]} ${bits.slice(1, 12)} ${bits.slice(12)} = 0x${view.getBigUint64(0).toString(16)}`;
  },
};
