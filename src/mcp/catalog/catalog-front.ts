// The catalog as an MCP server: one connection to it, inside this process. Its tools are the table's (methods.ts); agents, skills and
// workflows are resources, and each workflow is a prompt. Nothing is read for a connection: lists are what the index has at the time,
// and that there is more is told when there is.
//
// Temporary: one for each connection. It ends with its connection, and with the Catalog, whose successor knows nothing of it; then the
// connection is opened again. It keeps nothing that would have to be recovered.
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { CallToolResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import {
  BanyanError,
  child,
  GenServer,
  isDown,
  messageOf,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import { openFront } from "../client/embedded-front.js";
import type { OpenEmbedded } from "../client/embedded-link.js";
import { answerSchemas } from "./answer-schemas.js";
import { answerText } from "./answer-text.js";
import type { Catalog, EntriesWatcher } from "./catalog.js";
import { addressedKinds, addressOf, idAt, templateOf } from "./entry-address.js";
import { type CatalogMethod, catalogMethods } from "./methods.js";
import { ARGUMENTS, filledIn, promptNames, promptOf } from "./workflow-prompt.js";
import { wrongParams } from "./wrong-params.js";

export interface CatalogFrontOptions {
  readonly catalog: Ref<Catalog>;
  readonly transport: Transport;
  readonly version: string;
}

/** The Catalog watches the time of what it is asked. */
const FOREVER = Number.POSITIVE_INFINITY;
const CLOSED = "the connection is closed";
/** Those past it are found by asking, and read by their templates. */
const MOST_RESOURCES = 500;
const MOST_PROMPTS = 1_000;
const MOST_COMPLETIONS = 100;
const INSTRUCTIONS =
  "Agents, skills and workflows by what is to be done: ask query_agents, query_skills or query_workflows with the task in a sentence, " +
  "rather than reading lists. Their full text is a resource. Sequences of agents that have gone well are found by get_pattern.";

export function openCatalog(catalog: Ref<Catalog>, processes: Ref<unknown>, version: string): OpenEmbedded {
  return openFront(processes, "the catalog", (transport) =>
    child(CatalogFront, { catalog, transport, version }, { id: "front", restart: "temporary", shutdown: 1_000 }),
  );
}

export class CatalogFront extends GenServer<CatalogFrontOptions> implements EntriesWatcher {
  #catalog!: Ref<Catalog>; // set by init, as is the server
  #server!: Server;

  protected override async init({ catalog, transport, version }: CatalogFrontOptions): Promise<void> {
    this.trapExit = true;
    const [{ Server }, sdk] = await Promise.all([
      import("@modelcontextprotocol/sdk/server/index.js"),
      import("@modelcontextprotocol/sdk/types.js"),
    ]);
    this.#catalog = catalog.with({ timeout: FOREVER }); // not bound: questions go on beyond the message in hand
    this.monitor(catalog);
    catalog.cast.watchEntries(this.self<CatalogFront>());
    const capabilities = {
      tools: {},
      resources: { listChanged: true },
      prompts: { listChanged: true },
      completions: {},
    };
    const server = new Server({ name: "banyan-catalog", version }, { capabilities, instructions: INSTRUCTIONS });
    this.#server = server;
    const unknown = (what: string): Error => new sdk.McpError(sdk.ErrorCode.InvalidParams, what);
    server.setRequestHandler(sdk.ListToolsRequestSchema, () => ({
      tools: [...(listedTools ??= toolsOf(catalogMethods))],
    }));
    server.setRequestHandler(sdk.CallToolRequestSchema, ({ params }) =>
      this.#call(params.name, params.arguments, unknown),
    );
    server.setRequestHandler(sdk.ListResourcesRequestSchema, () => this.#resources());
    server.setRequestHandler(sdk.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: templates }));
    server.setRequestHandler(sdk.ReadResourceRequestSchema, async ({ params: { uri } }) => {
      const found = idAt(uri);
      if (found === undefined) throw unknown(`${uri.slice(0, 200)} is no address of the catalog`);
      const text = await this.#text(found.id, unknown);
      return { contents: [{ uri, mimeType: "text/markdown", text }] };
    });
    server.setRequestHandler(sdk.ListPromptsRequestSchema, async () => ({
      prompts: Array.from(await this.#prompts(), ([name, workflow]) => promptOf(name, workflow)),
    }));
    server.setRequestHandler(sdk.GetPromptRequestSchema, async ({ params: { name, arguments: args = {} } }) => {
      const workflow = (await this.#prompts()).get(name);
      if (workflow === undefined) throw unknown(`there is no workflow ${name.slice(0, 200)}`);
      const text = filledIn(await this.#text(workflow.id, unknown), args[ARGUMENTS] ?? "");
      const { description } = promptOf(name, workflow);
      return { description, messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
    });
    server.setRequestHandler(sdk.CompleteRequestSchema, async ({ params: { ref, argument, context } }) => {
      const values =
        ref.type === "ref/resource" ? await this.#completed(ref.uri, argument, context?.arguments ?? {}) : [];
      return { completion: { values, hasMore: values.length === MOST_COMPLETIONS } };
    });
    const self = this.self();
    server.onclose = () => send(self, CLOSED);
    await server.connect(transport);
  }

  /** There are other entries than before. */
  entriesChanged(): void {
    this.#server.sendResourceListChanged().catch(() => {}); // closed meanwhile
    this.#server.sendPromptListChanged().catch(() => {});
  }

  protected override handleInfo(message: unknown): Stop {
    // The Catalog is gone, or nobody is connected any more, or it is shut down.
    return stop(isDown(message) || message === CLOSED ? "normal" : "shutdown");
  }

  protected override async terminate(): Promise<void> {
    await this.#server.close();
  }

  async #call(name: string, args: object = {}, unknown: (what: string) => Error): Promise<CallToolResult> {
    const method = catalogMethods.find(({ tool }) => tool?.name === name);
    if (method === undefined) throw unknown(`there is no tool ${name.slice(0, 200)}`);
    const checked = method.params.safeParse(args);
    if (!checked.success) {
      const errors = wrongParams(checked.error.issues, args, Object.keys(method.params.shape));
      return failed(errors.join("; "));
    }
    try {
      const answer = await method.run(this.#catalog, checked.data);
      const text = answerText(answer) ?? JSON.stringify(answer);
      return { content: [{ type: "text", text }], structuredContent: { ...answer } };
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      return failed(messageOf(error));
    }
  }

  async #resources() {
    const entries = await this.#catalog.call.entries({ kinds: addressedKinds, limit: MOST_RESOURCES });
    const resources = entries.map(({ id, name, description }) => ({
      ...{ uri: addressOf(id), name, mimeType: "text/markdown" },
      description: description.slice(0, 120),
    }));
    return { resources };
  }

  async #prompts() {
    return promptNames(await this.#catalog.call.entries({ kinds: ["workflow"], limit: MOST_PROMPTS }));
  }

  async #text(id: string, unknown: (what: string) => Error): Promise<string> {
    try {
      return await this.#catalog.call.text(id);
    } catch (error) {
      throw error instanceof BanyanError && error.code === "unknown_entry" ? unknown(error.message) : error;
    }
  }

  async #completed(
    template: string,
    { name, value }: { readonly name: string; readonly value: string },
    known: Readonly<Record<string, string>>,
  ): Promise<string[]> {
    const kind = addressedKinds.find((each) => templateOf(each) === template);
    if (kind === undefined) return [];
    const limit = MOST_COMPLETIONS;
    if (name === "plugin") return [...(await this.#catalog.call.plugins({ kind, prefix: value, limit }))];
    const { plugin } = known;
    const within = plugin === undefined ? {} : { plugin };
    const entries = await this.#catalog.call.entries({ kinds: [kind], ...within, prefix: value, limit });
    return entries.map(({ id }) => id.slice(id.indexOf("/") + 1));
  }
}

const templates = addressedKinds.map((kind) => ({
  uriTemplate: templateOf(kind),
  name: kind,
  title: `One ${kind}`,
  description: `The whole text of one ${kind}, as its file has it.`,
  mimeType: "text/markdown",
}));

let listedTools: readonly Tool[] | undefined;

function toolsOf(methods: readonly CatalogMethod[]): Tool[] {
  return methods.flatMap(({ params, tool }) => {
    if (tool === undefined) return [];
    const { name, title, description, writes } = tool;
    const answer = answerSchemas[name];
    return {
      ...{ name, title, description },
      inputSchema: schemaOf(params, "input"),
      ...(answer === undefined ? {} : { outputSchema: schemaOf(answer, "output") }),
      annotations: { title, readOnlyHint: !writes, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    };
  });
}

function schemaOf(schema: z.ZodObject, io: "input" | "output"): Tool["inputSchema"] {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io });
  return made as Tool["inputSchema"]; // of an object
}

/** For the model to mend. It has no structure, for that would have to be an answer's. */
function failed(message: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text: message }] };
}
