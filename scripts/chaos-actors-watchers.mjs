// Those who listen while chaos-actors.mjs kills: an ear that watches the app's processes as the app's own boxes do, and for each
// thing it listens to a change that it must hear of. Config is asked once in the whole run, for it promises to remember.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { replaceFile } from "../dist/actors/config/replace-file.js";
import { fetchThrough } from "../dist/actors/pools/request.js";
import { Watching } from "../dist/actors/watching.js";
import { names } from "../dist/application.js";
import { exit, GenServer, named, send } from "../dist/supervision/index.js";

const HEARD_MS = 10_000;

/** What was heard, by topic; `heard` waits for a word that fits. */
export class Heard {
  newest = new Map();
  waiting = new Set();

  note(topic, word) {
    this.newest.set(topic, word);
    for (const each of this.waiting) each(topic, word);
  }

  /** True once a word on the topic fits; false when none has come after ten seconds. */
  heard(topic, fits) {
    if (this.newest.has(topic) && fits(this.newest.get(topic))) return Promise.resolve(true);
    return new Promise((resolve) => {
      const listen = (other, word) => other === topic && fits(word) && end(true);
      const timer = setTimeout(() => end(false), HEARD_MS);
      const end = (was) => {
        clearTimeout(timer);
        this.waiting.delete(listen);
        resolve(was);
      };
      this.waiting.add(listen);
    });
  }
}

export class Ear extends GenServer {
  init(heard) {
    this.state = {};
    this.heard = heard;
    this.watching = new Watching({
      monitor: (ref) => this.monitor(ref),
      demonitor: (id) => this.demonitor(id, { flush: true }),
      send: (message) => send(this.self(), message),
      sendAfter: (ms, message) => void this.sendAfter(ms, message),
    });
    const self = this.self();
    const watch = (ref, took, how = "watch") =>
      this.watching.begin(ref, async () => took(await this.use(ref).call[how](self)));
    watch(names.store, ({ notices }) => notices.forEach((notice) => void this.storeChanged(notice)));
    watch(names.aliases, (aliases) => this.aliasesChanged(aliases));
    watch(names.breaker, (status) => this.breakerChanged(status));
    watch(names.health, (health) => this.statusChanged(health));
    watch(names.notifications, () => {}, "subscribe");
    watch(names.chat, () => {}, "subscribe");
    this.continueWith("config");
  }

  async handleContinue() {
    await this.use(names.config).call.subscribe("chat", this.self());
  }

  async handleInfo(message) {
    await this.watching.took(message);
  }

  configChanged(settings) {
    this.heard.note("config", settings.chat.max_tokens);
  }
  storeChanged(notice) {
    this.heard.note("store", notice);
  }
  aliasesChanged(aliases) {
    this.heard.note("aliases", aliases);
  }
  breakerChanged(status) {
    this.heard.note("breaker", status.state);
  }
  statusChanged(health) {
    this.heard.note("health", health.components);
  }
  notified({ notification }) {
    this.heard.note("notifications", notification.text);
  }
  chatEvent({ type, item }) {
    if (type === "item") this.heard.note("chat", item.text);
  }
}

/** A web server: the pool's origin, and the address that alerts go to. */
export async function startOrigin(heard) {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    if (request.url === "/alert") heard.note("alerts", JSON.parse(text).alerts);
    response.end("well");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** The two settings that are always changed together: whoever sees them differ has seen half a change. */
export function settingsText(base, number) {
  return `${base}[chat]\nmax_tokens = ${number}\n[limits]\ntool_result = ${number}\n`;
}

/** Changes everything there is to hear of; answers the topics on which nothing was heard. `watched`: Config has to notice its file
 * by itself, which takes it half a second. */
export async function probe(heard, { index, number, file, base, watched }) {
  const word = `probe ${index}`;
  const started = Date.now();
  await chatKnows(({ status }) => status.turn === "idle"); // a turn that ends well would close the breaker
  const alias = { name: "probe", expansion: word, scope: "project" };
  const model = ({ details }) => details.includes("failed 5 times in a row (probed)");
  const isAlias = ({ name, expansion }) => name === alias.name && expansion === word;
  const listen = {
    config: heard.heard("config", (value) => value === number),
    // The Store says how many rows it let go; these were none it could take.
    store: heard.heard("store", (notice) => notice.startsWith(`${index} `)),
    aliases: heard.heard("aliases", (aliases) => aliases.some(isAlias)),
    breaker: heard.heard("breaker", (state) => state === "open"),
    health: heard.heard("health", (components) => components.some(model)),
    alerts: heard.heard("alerts", (alerts) => alerts.some((alert) => model(alert) && alert.since >= started)),
    notifications: heard.heard("notifications", (text) => text === word),
    chat: heard.heard("chat", (text) => text === word),
  };
  replaceFile(file, settingsText(base, number));
  if (!watched) await names.config.call.reload();
  const refused = { sql: "INSERT INTO input_history (project, text) VALUES (NULL, NULL)" };
  names.store.cast.append(...Array.from({ length: index }, () => refused));
  await names.aliases.call.define(alias);
  for (let i = 0; i < 5; i++) await names.breaker.call.failed("probed");
  names.notifications.cast.record("chaos", { type: "fault", text: word });
  names.chat.cast.note("info", word);
  const lost = [];
  for (const [topic, was] of Object.entries(listen)) if (!(await was)) lost.push(topic);
  if (!(await chatKnows(({ status }) => status.breaker === "open"))) lost.push("the chat's breaker");
  await names.breaker.call.succeeded();
  if (!(await heard.heard("breaker", (state) => state === "closed"))) lost.push("breaker, closing");
  if (!(await heard.heard("health", (components) => !components.some(model)))) lost.push("health, well again");
  if (!(await chatKnows(({ commands }) => commands.some(({ name }) => name === alias.name))))
    lost.push("the chat's aliases");
  const answer = await fetchThrough(named("Pool:local"))("http://local/");
  if ((await answer.text()) !== "well") lost.push("the pool");
  return lost;
}

/** Whether the chat comes to show what fits; it listens for itself. */
export async function chatKnows(fits) {
  const nobody = await Nobody.start();
  let knows = false;
  for (const until = performance.now() + HEARD_MS; !knows && performance.now() < until; ) {
    knows = fits(await names.chat.call.subscribe(nobody));
    if (!knows) await pause(10);
  }
  exit(nobody, "shutdown");
  return knows;
}

/** Subscribes only to see what there is. */
class Nobody extends GenServer {
  chatEvent() {}
}
