// Pictures of the chat for the documentation: drives the built CLI in tmux through scenes, with the offline stand-in, the demo server
// and a scripted model on loopback, and has Chromium draw what the terminal shows.
//   node scripts/screens.mjs [SCENE…]      (from dist/: npm run build first; needs tmux and chromium)
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { screenPage } from "./screen-page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist", "cli.js");
const pictures = join(root, "docs", "screens");
const folder = mkdtempSync(join(tmpdir(), "banyan-screens-"));
const LONGEST_MS = 60_000;

/** What each scene types and waits for, after the greeting; what is then on the terminal is the picture. */
const scenes = {
  approval: { keys: [["list the files here", "Enter"]], until: "Run host.list_directory?" },
  answer: {
    keys: [["list the files here", "Enter"], { until: "Run host.list_directory?" }, ["y"]],
    until: /answered:/,
  },
  form: { keys: [["demo.ask_name", "Enter"], { until: "Run demo.ask_name?" }, ["y"]], until: "Enter next" },
  progress: { keys: [["demo.slow seconds=8", "Enter"], { until: "Run demo.slow?" }, ["y"]], until: /[3-6]\d%/ },
  recovery: { keys: [["demo.crash", "Enter"], { until: "Run demo.crash?" }, ["y"]], until: /is back with/ },
  commands: { keys: [["/s"]], until: "/servers" },
  tree: { keys: [["/tree", "Enter"]], until: "ServerManager" },
  servers: { keys: [["/servers", "Enter"]], until: /demo +ready/ },
  themes: { keys: [["/theme", "Enter"]], until: "mono" },
  light: {
    keys: [["/theme light", "Enter"], { until: "The theme is" }, ["/theme", "Enter"]],
    until: /light +for a light background, in use/,
    light: true,
  },
  markdown: { model: true, keys: [["How do I read a file line by line?", "Enter"]], until: "last line" },
};

const ANSWER = `A file is read **line by line** with \`readline\`, so that it may be larger than the memory:

\`\`\`ts
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const lines = createInterface({ input: createReadStream("big.txt") });
for await (const line of lines) {
  if (line.startsWith("#")) continue; // a comment
  console.log(line.length, line);
}
\`\`\`

| way | memory | good for |
| :-- | --: | :-- |
| \`readFile\` | the whole file | small files |
| \`createInterface\` | 64 KB | text of any size |
| \`createReadStream\` | 64 KB | bytes |

1. It [waits for the disk](https://nodejs.org/api/readline.html) and never holds the program.
2. It ends by itself after the last line.`;

/** A terminal of its own. */
class Terminal {
  constructor(name) {
    this.socket = `banyan-screens-${process.pid}-${name}`;
    const home = join(folder, `${name}-home`);
    const project = join(folder, name, "project");
    for (const path of [home, project]) mkdirSync(path, { recursive: true });
    writeFileSync(join(project, "README.md"), "# Project\n");
    writeFileSync(join(project, "package.json"), '{ "name": "project" }\n');
    mkdirSync(join(project, "src"));
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      BANYAN_HOME: home,
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
    };
    env.BANYAN_BUNDLED__DEMO = "true";
    env.PS1 = "$ ";
    this.env = env;
    this.project = project;
  }

  open(more) {
    const words = Object.entries({ ...this.env, ...more }).map(([name, value]) => `${name}=${value}`);
    this.tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      "100",
      "-y",
      "30",
      "-c",
      this.project,
      "env",
      "-i",
      ...words,
      "sh",
    );
  }

  tmux(...args) {
    const { stdout, stderr, status } = spawnSync("tmux", ["-L", this.socket, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tmux ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  text() {
    return this.tmux("capture-pane", "-p");
  }

  async shows(wanted) {
    const found = (text) => (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text));
    for (const since = Date.now(); !found(this.text()); await sleep(50)) {
      if (Date.now() - since > LONGEST_MS) throw new Error(`never showed ${wanted}:\n${this.text()}`);
    }
  }

  type([text, ...keys]) {
    this.tmux("send-keys", "-l", text);
    if (keys.length > 0) this.tmux("send-keys", ...keys);
  }
}

async function picture(name, { keys, until, model, light }) {
  const terminal = new Terminal(name);
  const server = model ? await scriptedModel() : undefined;
  try {
    terminal.open(server === undefined ? {} : { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "none" });
    await terminal.shows("$");
    terminal.type([`clear; ${process.execPath} ${cli}${server === undefined ? "" : " --model openai:gpt-5"}`, "Enter"]);
    await terminal.shows(/● 2/);
    for (const step of keys) {
      if ("until" in step) await terminal.shows(step.until);
      else terminal.type(step);
    }
    await terminal.shows(until);
    await sleep(300); // the frame is whole
    const ansi = terminal.tmux("capture-pane", "-e", "-p", "-N");
    const [shown, column, row] = terminal
      .tmux("display-message", "-p", "#{cursor_flag} #{cursor_x} #{cursor_y}")
      .split(" ")
      .map(Number);
    draw(name, ansi, { light: light === true, cursor: shown === 1 ? { column, row } : undefined });
  } finally {
    spawnSync("tmux", ["-L", terminal.socket, "kill-server"]);
    await server?.close();
  }
}

/** The tests' model server, which speaks as the real ones do. */
async function scriptedModel() {
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    request.resume();
    if (request.url?.endsWith("/models"))
      return void response.end(JSON.stringify({ object: "list", data: [{ id: "gpt-5" }] }));
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta, finish = null) =>
      response.write(
        `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 0, model: "gpt-5", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
      );
    send({ role: "assistant", content: "" });
    for (const piece of ANSWER.match(/[\s\S]{1,12}/g) ?? []) send({ content: piece });
    send({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return { baseUrl: `http://127.0.0.1:${port}/v1`, close: () => new Promise((done) => server.close(done)) };
}

function draw(name, ansi, more) {
  const page = screenPage(ansi, { columns: 100, ...more });
  const html = join(folder, `${name}.html`);
  writeFileSync(html, page.html);
  mkdirSync(pictures, { recursive: true });
  const png = join(pictures, `${name}.png`);
  const { status, stderr } = spawnSync(
    "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      `--user-data-dir=${join(folder, "chromium")}`,
      `--window-size=${page.width},${page.height}`,
      `--screenshot=${png}`,
      `file://${html}`,
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`chromium: ${stderr}`);
  console.log(png);
}

const given = process.argv.slice(2);
const unknown = given.find((name) => !Object.hasOwn(scenes, name));
if (unknown !== undefined) {
  console.error(`there is no scene ${unknown}: ${Object.keys(scenes).join(", ")}`);
  process.exit(2);
}
try {
  for (const name of given.length > 0 ? given : Object.keys(scenes)) await picture(name, scenes[name]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
