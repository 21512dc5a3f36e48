const Flies = (Base) => class extends Base { fly() { return "flies "; } }; const Swims = (Base) => class extends Base { swim() { return "swims"; } };
export default { name: "mixin", description: "Does the thing called mixin", input: { type: "object", properties: {} },
 handler: async (args) => { class Duck extends Swims(Flies(Object)) {} const x = new Duck(); return x.fly() + x.swim(); } };
