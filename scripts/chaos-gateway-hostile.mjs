// One hostile client of chaos-gateway.mjs, a process of its own: KIND PORT SECONDS. Tells its parent what it tried, how much of it was
// refused rightly, and the first of what was not.
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { exchange, hello, post, request } from "./chaos-gateway-raw.mjs";
import { shapes } from "./chaos-gateway-shapes.mjs";

const [kind, portText, secondsText] = process.argv.slice(2);
const at = { port: Number(portText) };
const until = performance.now() + Number(secondsText) * 1_000;
const told = { tried: 0, refused: 0, wrong: [], note: "" };
const isOver = () => performance.now() >= until;

function judged(name, isRight, what) {
  told.tried++;
  if (isRight) told.refused++;
  else if (told.wrong.length < 5) told.wrong.push(`${name}: ${what}`);
}

/** Each shape in turn, over and over. */
async function sendShapes(list) {
  for (let round = 0; round === 0 || !isOver(); round++)
    for (const { name, text, statuses, only, error, mayClose } of list) {
      const { answer, statuses: got } = await exchange(at, text, { ms: 20_000 });
      const [first] = got;
      const isRight =
        (first === undefined ? mayClose === true : statuses.includes(first)) &&
        (only === undefined || got.filter((status) => status < 300).length === 0) &&
        (error !== true || answer.includes('"error"'));
      const leaks = /node_modules|\/home\/|\/tmp\/|at \w+ \(/.test(answer);
      judged(name, isRight && !leaks, leaks ? "leaks" : `answered ${got.join(", ") || "nothing"}`);
      await pause(2);
    }
}

/** So many at a time, each again as soon as it is over: as fast as the server lets them. */
const atOnce = (count, work) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => {
      for (let again = n; !isOver(); again += count) await work(again);
    }),
  );

/** Connections that send a byte now and then, or nothing. Right: the server closes them. */
async function crawl(count, begin, drip) {
  let closed = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(at.port, "127.0.0.1");
    socket.write(begin);
    socket.on("error", () => {}).on("data", () => {});
    return socket.on("close", () => closed++);
  });
  const limit = performance.now() + 45_000;
  while (closed < count && performance.now() < limit) {
    for (const socket of sockets) if (socket.writable && drip !== "") socket.write(drip);
    await pause(1_000);
  }
  told.tried = count;
  told.refused = closed;
  if (closed < count) told.wrong.push(`${count - closed} are still open after 45 s`);
  for (const socket of sockets) socket.destroy();
}

const kinds = {
  ...Object.fromEntries(Object.entries(shapes).map(([name, list]) => [name, () => sendShapes(list)])),
  "slow headers": () => crawl(200, "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n", "X-A: b\r\n"),
  "slow bodies": () => crawl(200, post("", { "Content-Length": 60_000, Connection: "keep-alive" }), "x"),
  "session flood": async () => {
    const outcomes = {};
    await atOnce(20, async () => {
      const { statuses } = await exchange(at, post(hello), { ms: 20_000 });
      await pause(50);
      outcomes[statuses[0]] = (outcomes[statuses[0]] ?? 0) + 1;
      judged("initialize", [200, 429, 503].includes(statuses[0]), `answered ${statuses}`);
    });
    told.note = Object.entries(outcomes)
      .map(([status, count]) => `${count} × ${status}`)
      .join(", ");
  },
  "keys tried": async () =>
    atOnce(20, async (n) => {
      const key = `bny_${String(n).padStart(43, "k")}`;
      const { statuses } = await exchange(at, post(hello, { Authorization: `Bearer ${key}` }), { ms: 20_000 });
      judged("a guessed key", statuses[0] === 401, `answered ${statuses}`);
    }),
  "answers never read": async () => {
    const ask = request("GET", "/tools", { Connection: "keep-alive" }).repeat(60);
    const sockets = [];
    for (let n = 0; n < 40; n++) {
      const socket = connect(at.port, "127.0.0.1");
      socket
        .pause()
        .on("error", () => {})
        .write(ask);
      sockets.push(socket);
      judged("a client that does not read", true);
      await pause(100);
    }
    while (!isOver()) await pause(100);
    for (const socket of sockets) socket.destroy();
  },
  "thousands behind one another": async () => {
    const ask = request("GET", "/tools", { Connection: "keep-alive" }).repeat(2_000);
    await atOnce(4, async () => {
      const { closed } = await exchange(at, ask, { ms: 20_000 });
      judged("a connection sent 2,000 requests", closed, "stays open");
      await pause(50);
    });
  },
  "10,000 idle connections": async () => {
    let [opened, closed] = [0, 0];
    const sockets = [];
    for (let n = 0; n < 10_000; n++) {
      const socket = connect(at.port, "127.0.0.1", () => opened++);
      sockets.push(
        socket
          .on("error", () => {})
          .on("close", () => closed++)
          .on("data", () => {}),
      );
      if (n % 100 === 99) await pause(20);
    }
    await pause(2_000);
    const [atFirst, limit] = [sockets.length - closed, performance.now() + 30_000];
    while (closed < sockets.length && performance.now() < limit) await pause(500);
    told.tried = sockets.length;
    told.refused = closed;
    told.note = `${atFirst} were let stand at first, ${sockets.length - closed} after their time`;
    if (closed < sockets.length) told.wrong.push(`${sockets.length - closed} idle connections stand for ever`);
    for (const socket of sockets) socket.destroy();
  },
};

await kinds[kind]();
process.send(told, () => process.exit());
