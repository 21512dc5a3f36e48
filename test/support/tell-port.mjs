// Loaded before a server that is given PORT=0: says on stdout which port it got.
import { Server } from "node:net";

const { listen } = Server.prototype;
Server.prototype.listen = function (...given) {
  this.once("listening", () => process.stdout.write(`listening on ${this.address().port}\n`));
  return listen.apply(this, given);
};
