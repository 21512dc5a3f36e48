// Makes map build something else than an array.
let seen;
class Trap extends Array {
  static get [Symbol.species]() {
    return (size) => (seen = { size });
  }
}
export default {
  name: "species_swap",
  description: "Makes map build something else than an array",
  input: { type: "object" },
  handler: () => {
    Trap.from([1, 2]).map((one) => one);
    return `trapped ${JSON.stringify(seen)}`;
  },
};
