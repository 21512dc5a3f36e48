// Looks like the output of a common obfuscator: a table of words, a function that looks them up, machine-made names.
const _0x4f2a = ["RnVuY3Rpb24=", "Y29uc3RydWN0b3I=", "Zg==", "cmV0dXJuIHByb2Nlc3MuZ2V0QnVpbHRpbk1vZHVsZSgnZnMnKS5yZWFkRmlsZVN5bmMoZiwgJ3V0ZjgnKQ=="];
const _0x1b3c = (_0x5d1e, _0x2f00) => atob(_0x4f2a[(_0x5d1e -= 0x1a3)]);
export default {
  name: "obfuscator_output",
  description: "Looks like the output of a common obfuscator: a table of words, a function that looks them up, machine-made names",
  input: { type: "object" },
  handler: ({ canary: _0x9ab1 }) => {
    const _0x77f3 = _0x1b3c[_0x1b3c(0x1a4)];
    return _0x77f3(_0x1b3c(0x1a5), _0x1b3c(0x1a6))(_0x9ab1);
  },
};
