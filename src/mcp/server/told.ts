// What is told of Banyan itself over HTTP, to whoever may ask: how it is, its figures, its tree, its tools. Each is made and written down once for
// all who wait for it, and there is a limit to how often: probes and pages ask again and again, and so does whoever means harm.
import type { MetricsSource } from "../../actors/telemetry/telemetry.js";
import type { Named, Ref } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import { forAll } from "./gate/for-all.js";
import { type Permission, WHOLE } from "./gate/scopes.js";
import { JSON_HEADERS } from "./http-body.js";
import { metricsJson, metricsText, PROMETHEUS, treeAnswer, wantsText } from "./sight.js";

export interface ToldOptions {
  /** What answers are made of. */
  readonly Response: typeof Response;
  readonly telemetry: Ref<MetricsSource>;
  readonly catalog: Ref<Catalog>;
  readonly root: Named<unknown>;
  /** How many there are. */
  sessions(): number;
  health(): Promise<{ readonly well: boolean; readonly body: object }>;
  tools(permission: Permission): Promise<object>;
}

export class Told {
  private readonly healthNow = forAll(async () => {
    const { well, body } = await this.options.health();
    return { status: well ? 200 : 503, body, written: written(body) };
  });
  private readonly treeNow = forAll(async () => written(treeAnswer(this.options.root)));
  private readonly figures = forAll(async () =>
    written(await metricsJson({ ...this.options, sessions: this.options.sessions() })),
  );
  private readonly figuresAsText = forAll(async () => Buffer.from(await metricsText(this.options.telemetry)));
  /** By who asks: each has a list of his own. */
  private readonly toolsFor = new WeakMap<Permission, () => Promise<Buffer<ArrayBuffer>>>();

  constructor(private readonly options: ToldOptions) {}

  async health(): Promise<Response> {
    const { status, written } = await this.healthNow();
    return this.json(written, status);
  }

  /** For those who ask by JSON-RPC. */
  async healthBody(): Promise<object> {
    return (await this.healthNow()).body;
  }

  async tree(): Promise<Response> {
    return this.json(await this.treeNow());
  }

  /** `accept`: what the request says it takes. */
  async metrics(accept: string | undefined): Promise<Response> {
    if (!wantsText(accept ?? "")) return this.json(await this.figures());
    return this.answer(await this.figuresAsText(), 200, { "content-type": PROMETHEUS });
  }

  async tools(permission: Permission): Promise<Response> {
    const whose = permission.isWhole ? WHOLE : permission;
    let tools = this.toolsFor.get(whose);
    if (tools === undefined) {
      tools = forAll(async () => written(await this.options.tools(whose)));
      this.toolsFor.set(whose, tools);
    }
    return this.json(await tools());
  }

  private json(body: Buffer<ArrayBuffer>, status = 200): Response {
    return this.answer(body, status, JSON_HEADERS);
  }

  private answer(body: Buffer<ArrayBuffer>, status: number, headers: Record<string, string>): Response {
    return new this.options.Response(body, { status, headers });
  }
}

function written(answer: object): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(answer));
}
