// The floor of bench/gateway.mjs: a relay with no SDK, HTTP in front and one server over stdio behind. It gives each request a number
// of its own and hands everything on as it is: no sessions, no validation, no limits.
//   node relay.mjs PROGRAM ARGS…     (prints its port)
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const [command, ...args] = process.argv.slice(2);
const { stdin, stdout } = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
const waiting = new Map();
let last = 0;
let rest = "";

stdout.setEncoding("utf8").on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    const asked = waiting.get(message.id);
    if (asked === undefined) continue; // a notification
    waiting.delete(message.id);
    asked({ ...message, id: asked.id });
  }
});

const listener = createServer((request, response) => {
  if (request.method !== "POST") return response.writeHead(405).end();
  let text = "";
  request.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  request.on("end", () => {
    const message = JSON.parse(text);
    if (message.id === undefined) {
      stdin.write(`${text}\n`);
      return response.writeHead(202).end();
    }
    const number = ++last;
    const answer = (message) => {
      const body = JSON.stringify(message);
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
      response.end(body);
    };
    answer.id = message.id;
    waiting.set(number, answer);
    stdin.write(`${JSON.stringify({ ...message, id: number })}\n`);
  });
});
listener.listen(0, "127.0.0.1", () => console.log(listener.address().port));
