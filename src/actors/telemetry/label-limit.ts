// A metric costs memory for every value of its labels, and names come from servers and settings: the first `most` values of a
// label are kept as they are, cut to a good length, and everything after them is "other".

const LONGEST = 100;

export function limitedLabels(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    const label = value.slice(0, LONGEST);
    if (known.has(label)) return label;
    if (known.size >= most) return "other";
    known.add(label);
    return label;
  };
}
