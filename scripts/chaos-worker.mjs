// What scripts/chaos-framework.mjs kills. In a module of its own, for a thread or process loads it again by itself.
import { GenServer, named } from "../dist/supervision/index.js";

const ledger = named("ledger");

export class Isolated extends GenServer {
  static module = import.meta.url;

  tell(id) {
    ledger.cast.handled(id);
  }
  ask(id) {
    return id;
  }
  async work(id) {
    await new Promise((resume) => setTimeout(resume, 2));
    return id;
  }
}
