// Whether a regular expression could take for ever in JavaScript's own engine, for where a library uses that one: what is repeated without bound
// holds a repetition or a choice itself, as in (a+)+ or (a|ab)*. Some harmless ones are taken for such, none of the exponential ones for harmless.
export function mayHang(pattern: string): boolean {
  // Escaped signs and classes stand for one character, whatever is in them.
  let rest = pattern.replace(/\\./gs, "x").replace(/\[[^\]]*\]/g, "x");
  for (;;) {
    const group = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?([^()]*)\)([*+]|\{\d+,|\{\d{2,})?/.exec(rest);
    if (group === null) return false;
    const [whole, inner = "", repeated] = group;
    const open = /[*+{|Q]/.test(inner);
    if (open && repeated !== undefined) return true;
    // Q: something in there is not of one length.
    const stands = open || repeated !== undefined ? "Q" : "x";
    rest = rest.slice(0, group.index) + stands + rest.slice(group.index + whole.length);
  }
}
