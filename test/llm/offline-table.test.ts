import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { createOffline } from "../../src/llm/offline.js";
import type { ModelEvent, ToolCall, ToolDescription } from "../../src/llm/provider.js";
import { ask, collect, never } from "./collect.js";
import { everything, files, host, memory } from "./connected-tools.js";
import { madeUp } from "./made-up-tools.js";

// Every message is put to the offline model with the tools of four real servers connected at once.
let tools: ToolDescription[];
beforeAll(async () => {
  const servers = await Promise.all([everything(), files(), memory()]);
  expect(servers[0]).toHaveLength(13);
  tools = [...servers.flat(), ...host()];
});

async function outcome(message: string, connected: readonly ToolDescription[] = tools): Promise<string> {
  const { events, thrown } = await collect(createOffline().stream(ask(message, connected), never));
  expect(thrown).toBeUndefined();
  for (const event of events) if (event.type === "tool-call") expectValid(event.call, connected);
  return events.map(brief).find((text) => text !== undefined) ?? "nothing";
}

/** What is called would be accepted: the arguments hold against the tool's own schema. */
function expectValid(call: ToolCall, connected: readonly ToolDescription[]): void {
  const { $schema: _draft, ...schema } = connected.find(({ name }) => name === call.name)?.inputSchema ?? {};
  const validate = new AjvJsonSchemaValidator().getValidator(schema);
  expect(validate(call.arguments)).toMatchObject({ valid: true });
}

function brief(event: ModelEvent): string | undefined {
  if (event.type === "tool-call") return `${event.call.name} ${JSON.stringify(event.call.arguments)}`;
  if (event.type === "form") return `form ${event.tool} ${JSON.stringify(event.known)} needs ${event.missing}`;
  return event.type === "text" ? "text" : undefined;
}

describe("a message that plainly means a tool calls it, with its arguments", () => {
  test.each([
    // Files and folders.
    ["list the files here", "host.list_directory {}"],
    ["list files", "host.list_directory {}"],
    ["ls", "host.list_directory {}"],
    ["what files are in src?", 'host.list_directory {"path":"src"}'],
    ["show the contents of the src folder", 'host.list_directory {"path":"src"}'],
    ["list files in ./src/llm", 'host.list_directory {"path":"./src/llm"}'],
    ["list /tmp with sizes", 'files.list_directory_with_sizes {"path":"/tmp"}'],
    ["list the allowed directories", "files.list_allowed_directories {}"],
    ["directory tree of docs", 'host.directory_tree {"path":"docs"}'],
    ["read README.md", 'host.read_file {"path":"README.md"}'],
    ["please read the file docs/guide.md.", 'host.read_file {"path":"docs/guide.md"}'],
    ["cat package.json", 'host.read_file {"path":"package.json"}'],
    ["can you show me README.md?", 'host.read_file {"path":"README.md"}'],
    ["read LICENSE", 'host.read_file {"path":"LICENSE"}'],
    ['read "my notes.txt"', 'host.read_file {"path":"my notes.txt"}'],
    ["read the first 5 lines of README.md", 'files.read_file {"path":"README.md","head":5}'],
    ["read a.txt and b.txt", 'files.read_multiple_files {"paths":["a.txt","b.txt"]}'],
    ['write "hello there" to notes.txt', 'host.write_file {"path":"notes.txt","content":"hello there"}'],
    ["write hello there to notes.txt", 'host.write_file {"path":"notes.txt","content":"hello there"}'],
    ["create a file todo.md with buy milk", 'host.write_file {"path":"todo.md","content":"buy milk"}'],
    ["create a directory called build/out", 'files.create_directory {"path":"build/out"}'],
    ["mkdir build/out", 'files.create_directory {"path":"build/out"}'],
    ["move a.txt to b/c.txt", 'files.move_file {"source":"a.txt","destination":"b/c.txt"}'],
    ["rename old.txt to new.txt", 'files.move_file {"source":"old.txt","destination":"new.txt"}'],
    ["file info of package.json", 'files.get_file_info {"path":"package.json"}'],
    ["find *.md files", 'host.find_files {"glob":"*.md"}'],
    ["search for TODO in src", 'host.search_files {"query":"TODO","path":"src"}'],
    ["search for TODO", 'host.search_files {"query":"TODO"}'],
    ['search the files for "stall timeout"', 'host.search_files {"query":"stall timeout"}'],
    ['search for "stall timeout"', 'host.search_files {"query":"stall timeout"}'],
    ["find files named config.json", 'host.find_files {"glob":"config.json"}'],
    ["make a folder named photos", 'files.create_directory {"path":"photos"}'],
    ["what's in this folder?", "host.list_directory {}"],
    ["how many files are here", "host.list_directory {}"],
    ["show hidden files", 'host.list_directory {"include_hidden":true}'],
    ["show src/main.ts lines 3 to 9", 'host.read_file {"path":"src/main.ts","start_line":3,"end_line":9}'],
    // Arithmetic.
    ["what is 6*7", 'host.calculate {"expression":"6*7"}'],
    ["what is 6 × 7?", 'host.calculate {"expression":"6 * 7"}'],
    ["84 ÷ 2", 'host.calculate {"expression":"84 / 2"}'],
    ["calculate sqrt(3^2 + 4^2) * 2", 'host.calculate {"expression":"sqrt(3^2 + 4^2) * 2"}'],
    ["how much is 15% of 80", 'host.calculate {"expression":"15/100*80"}'],
    ["what's 12 divided by 4", 'host.calculate {"expression":"12 / 4"}'],
    ["2 ** 8", 'host.calculate {"expression":"2 ^ 8"}'],
    ["add 2 and 3", 'everything.get-sum {"a":2,"b":3}'],
    ["what is the sum of -4 and 2.5?", 'everything.get-sum {"a":-4,"b":2.5}'],
    ["sum a=2 b=40", 'everything.get-sum {"a":2,"b":40}'],
    // Time and web.
    ["what time is it", "host.current_time {}"],
    ["what time is it in Tokyo", 'host.current_time {"timezone":"Asia/Tokyo"}'],
    ["current time in new york please", 'host.current_time {"timezone":"America/New_York"}'],
    ["what's the date today?", "host.current_time {}"],
    ["fetch http://127.0.0.1:1234/x", 'host.fetch_url {"url":"http://127.0.0.1:1234/x"}'],
    ["http://127.0.0.1:1234/x", 'host.fetch_url {"url":"http://127.0.0.1:1234/x"}'],
    ["open https://example.com/a?b=c.", 'host.fetch_url {"url":"https://example.com/a?b=c"}'],
    ["download the page https://example.com", 'host.fetch_url {"url":"https://example.com"}'],
    ["what day is it today", "host.current_time {}"],
    ["time in Europe/Berlin", 'host.current_time {"timezone":"Europe/Berlin"}'],
    // A server nobody wrote this for.
    ['echo the text "hello banyan"', 'everything.echo {"message":"hello banyan"}'],
    ["echo hello", 'everything.echo {"message":"hello"}'],
    ["please echo this is it", 'everything.echo {"message":"this is it"}'],
    ["repeat after me: hello", 'everything.echo {"message":"hello"}'],
    ["execute echo message: hello world", 'everything.echo {"message":"hello world"}'],
    ["echo message=hi", 'everything.echo {"message":"hi"}'],
    ["long running operation 2 seconds", 'everything.trigger-long-running-operation {"duration":2}'],
    [
      "run the long running operation with 3 steps for 10 seconds",
      'everything.trigger-long-running-operation {"duration":10,"steps":3}',
    ],
    ["structured content for new york", 'everything.get-structured-content {"location":"New York"}'],
    [
      "annotated message of type error with image",
      'everything.get-annotated-message {"messageType":"error","includeImage":true}',
    ],
    [
      "annotated debug message without image",
      'everything.get-annotated-message {"messageType":"debug","includeImage":false}',
    ],
    ["get 5 resource links", 'everything.get-resource-links {"count":5}'],
    ["resource reference 3 as blob", 'everything.get-resource-reference {"resourceType":"Blob","resourceId":3}'],
    ["show me a tiny image", "everything.get-tiny-image {}"],
    ["toggle simulated logging", "everything.toggle-simulated-logging {}"],
    ["print the environment variables", "host.environment {}"],
    ["research the history of tea", 'everything.simulate-research-query {"topic":"the history of tea"}'],
    ["gzip https://example.com/a.txt", 'everything.gzip-file-as-resource {"data":"https://example.com/a.txt"}'],
    ["read the knowledge graph", "memory.read_graph {}"],
    ["search nodes for Ada", 'memory.search_nodes {"query":"Ada"}'],
    // Named outright.
    ["everything.echo hello banyan", 'everything.echo {"message":"hello banyan"}'],
    ["files.read_file docs/a.md", 'files.read_file {"path":"docs/a.md"}'],
    ["files__read_file docs/a.md", 'files.read_file {"path":"docs/a.md"}'],
    ["use files.list_directory on src", 'files.list_directory {"path":"src"}'],
    ["read_text_file README.md tail=3", 'files.read_text_file {"path":"README.md","tail":3}'],
    ["host.write_file notes.txt hello there", 'host.write_file {"path":"notes.txt","content":"hello there"}'],
    ['host.write_file {"path": "a", "content": "{}"}', 'host.write_file {"path":"a","content":"{}"}'],
    ["get-sum 4 5", 'everything.get-sum {"a":4,"b":5}'],
    ["memory.open_nodes names=Ada,Grace", 'memory.open_nodes {"names":["Ada","Grace"]}'],
  ])("%s", async (message, expected) => {
    expect(await outcome(message)).toBe(expected);
  });
});

describe("a message that means a tool but leaves out what it needs asks for it", () => {
  test.each([
    ["echo", "form everything.echo {} needs message"],
    ["read a file", "form host.read_file {} needs path"],
    ["write to notes.txt", 'form host.write_file {"path":"notes.txt"} needs content'],
    ["host.write_file", "form host.write_file {} needs path,content"],
    ["add 2", 'form everything.get-sum {"a":2} needs b'],
    ["get structured content", "form everything.get-structured-content {} needs location"],
    ["move a.txt", 'form files.move_file {"source":"a.txt"} needs destination'],
    ["fetch a url", "form host.fetch_url {} needs url"],
    ["search the files", "form files.search_files {} needs path,pattern"],
    ["calculate", "form host.calculate {} needs expression"],
  ])("%s", async (message, expected) => {
    expect(await outcome(message)).toBe(expected);
  });
});

describe("a message that means no tool gets an honest answer, not a guess", () => {
  test.each([
    ["hello"],
    ["hi there, how are you?"],
    ["thanks!"],
    ["help"],
    ["what can you do?"],
    ["tell me a joke"],
    ["what is the capital of France?"],
    ["write a poem about the sea"],
    ["read the news"],
    ["add milk to my shopping list"],
    ["time flies like an arrow"],
    ["search the web for cats"],
    ["how long does it take to boil an egg"],
    ["what time is it in Kyoto"],
    ["summarize our conversation"],
    ["translate hello into German"],
    ["don't delete a.txt"],
    ["do not write to notes.txt"],
    ["how do I read a file?"],
    ["why is the sum wrong"],
    ["README.md"],
    ["42"],
    ["list of the best movies"],
    ["I have 2 dogs and 3 cats"],
    ["let's move on"],
    ["the environment is in danger"],
    ["what is the meaning of life"],
    ["create a website for my bakery"],
    ["create entities"],
    ["what does read_file do"],
    ["the file is too long"],
    ["my files are a mess"],
    ["search your heart"],
    ["read between the lines"],
    ["time is money"],
    ["what can the files server do"],
    ["I lost my files"],
    ["delete notes.txt"],
    ["is 7 a prime number"],
    ["my site is https://example.com"],
    ['tell me why "files.read_file" exists'],
    [""],
    ["?!"],
    ["こんにちは"],
  ])("%s", async (message) => {
    expect(await outcome(message)).toBe("text");
  });
});

describe("tools nobody wrote this for are used from their schemas, beside all the others", () => {
  test.each([
    ["git status here", "host.git_status {}"],
    ['commit the changes in /repo with message "fix it"', 'git.git_commit {"repo_path":"/repo","message":"fix it"}'],
    [
      "create a branch called feature-x in /repo",
      'git.git_create_branch {"repo_path":"/repo","branch_name":"feature-x"}',
    ],
    ["what's the weather in Paris?", 'weather.current_weather {"city":"Paris"}'],
    ["current weather in Berlin in imperial units", 'weather.current_weather {"city":"Berlin","units":"imperial"}'],
    ["weather forecast for 52.5 13.4", 'weather.get_forecast {"latitude":52.5,"longitude":13.4}'],
    ['post "hello team" to channel C123', 'slack.slack_post_message {"channel_id":"C123","text":"hello team"}'],
    ["search the web for cats", 'brave.brave_web_search {"query":"cats"}'],
    ["describe the table users", 'sqlite.describe_table {"table_name":"users"}'],
    ["what tables are there?", "sqlite.list_tables {}"],
    [
      'send an email to a@b.de subject="Hi" body="Hello"',
      'mail.sendEmail {"to":"a@b.de","subject":"Hi","body":"Hello"}',
    ],
    ["list events on 2026-11-03", 'calendar.list_events {"date":"2026-11-03"}'],
    ["add buy milk to the todo list", 'todo.add_todo {"item":"buy milk"}'],
    ["list done todos", 'todo.list_todos {"done":true}'],
    ["remove todo 3", 'todo.remove_todo {"number":3}'],
    ["set the brightness of kitchen to 40", 'lights.set_brightness {"lamp":"kitchen","level":40}'],
    ["set brightness to 40", 'form lights.set_brightness {"level":40} needs lamp'],
    [
      'translate "good morning" to German',
      'translate.translate_text {"text":"good morning","target_language":"German"}',
    ],
    ["set an alarm for 7", "text"],
    ["add a comment to the code", "text"],
    ["sign up at https://example.com", "text"],
  ])("%s", async (message, expected) => {
    expect(await outcome(message, [...tools, ...madeUp])).toBe(expected);
  });
});
