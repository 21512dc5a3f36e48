// JSON-RPC 2.0 over one POST, with a small table of methods: what the specification asks of batches, notifications and errors.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { RpcMethod } from "../../../src/mcp/catalog/methods.js";
import { Gate, unlimited } from "../../../src/mcp/server/gate/gate.js";
import { KEYLESS } from "../../../src/mcp/server/gate/principal.js";
import { rateFrom } from "../../../src/mcp/server/gate/token-bucket.js";
import { answerRpc } from "../../../src/mcp/server/json-rpc.js";
import { BanyanError } from "../../../src/supervision/index.js";
import { VirtualClock } from "../../../src/supervision/virtual-clock.js";

interface Doors {
  readonly heard: string[];
  running: number;
  most: number;
}

const said = z.strictObject({
  text: z.string().min(1).max(5),
  times: z.int().min(1).max(20).default(1),
  also: z.record(z.string(), z.string()).optional(),
});

const echo: RpcMethod<Doors> = {
  params: said,
  run: async (doors, params) => {
    const { text, times, also } = said.parse(params);
    doors.running++;
    doors.most = Math.max(doors.most, doors.running);
    await new Promise(setImmediate);
    doors.running--;
    doors.heard.push(text);
    return { said: text.repeat(times), also: Object.keys(also ?? {}) };
  },
};
const failing = (error: unknown): RpcMethod<Doors> => ({
  params: z.strictObject({}),
  run: () => Promise.reject(error),
});
const methods = new Map([
  ["sayAgain", echo],
  ["expected", failing(new BanyanError("no_index", "at /home/somebody: not read yet"))],
  ["unforeseen", failing(new Error("password=hunter2 at /home/somebody/secret.ts"))],
]);

let doors: Doors;
let pass = unlimited();

async function post(body: unknown, headers: Record<string, string> = { "content-type": "application/json" }) {
  doors = { heard: [], running: 0, most: 0 };
  const sent = typeof body === "string" || body instanceof ArrayBuffer ? body : JSON.stringify(body);
  const request = new Request("http://127.0.0.1/", { method: "POST", headers, body: sent });
  const response = await answerRpc(request, { methods, doors, limits: { longest: 10_000, mostBatch: 50 }, pass });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, answer: answer === "" ? undefined : JSON.parse(answer) };
}

const call = (id: unknown, params: object = { text: "a" }, method = "sayAgain") => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});
const codes = (answers: { error?: { code: number } }[]) => answers.map(({ error }) => error?.code);

describe("JSON-RPC over POST", () => {
  it("answers a call under its id, whatever the id is", async () => {
    for (const id of [1, "one", 0.5, null])
      expect(await post(call(id))).toMatchObject({
        status: 200,
        answer: { jsonrpc: "2.0", id, result: { said: "a", also: [] } },
      });
  });

  it("does what a notification says and answers nothing, also where it goes wrong", async () => {
    const notification = { jsonrpc: "2.0", method: "sayAgain", params: { text: "n" } };
    expect(await post(notification)).toMatchObject({ status: 204, answer: undefined });
    expect(doors.heard).toEqual(["n"]);
    expect((await post([notification, { ...notification, method: "none" }])).status).toBe(204);
  });

  it("answers a batch in its order, some at a time, without its notifications", async () => {
    const calls = Array.from({ length: 50 }, (_, id) => call(id));
    const { status, answer } = await post(calls);
    expect(status).toBe(200);
    expect(answer.map(({ id }: { id: number }) => id)).toEqual(calls.map(({ id }) => id));
    expect(doors.most).toBeGreaterThan(1);
    expect(doors.most).toBeLessThanOrEqual(8);
    const mixed = [call(1), { jsonrpc: "2.0", method: "sayAgain", params: { text: "n" } }, 7, call(2, {}, "none")];
    expect(codes((await post(mixed)).answer)).toEqual([undefined, -32_600, -32_601]);
  });

  it("refuses what is no JSON, no call, too much or too deep, each by its code and as HTTP 400", async () => {
    const refused = async (body: unknown) => {
      const { status, answer } = await post(body);
      return [status, answer.id, answer.error.code];
    };
    expect(await refused("{")).toEqual([400, null, -32_700]);
    expect(await refused("[".repeat(100_000).slice(0, 9_000))).toEqual([400, null, -32_700]);
    const latin = Uint8Array.from(Buffer.from(JSON.stringify(call(1, { text: "Bär" })), "latin1")).buffer;
    for (const more of [{}, { "content-length": `${latin.byteLength}` }]) {
      const { status, answer } = await post(latin, { "content-type": "application/json", ...more });
      expect([status, answer.error]).toEqual([400, { code: -32_700, message: expect.stringContaining("UTF-8") }]);
    }
    expect(await refused([])).toEqual([400, null, -32_600]);
    expect(await refused(Array.from({ length: 51 }, (_, id) => call(id)))).toEqual([400, null, -32_600]);
    for (const body of [1, "null", { id: 1, method: "sayAgain" }, call({ an: "object" }), { jsonrpc: "2.0", id: 1 }])
      expect(await refused(body)).toEqual([400, null, -32_600]);
    expect((await post(call(1, { text: "x".repeat(20_000) }))).status).toBe(413);
    expect((await post(call(1), { "content-type": "text/plain" })).status).toBe(415);
  });

  it("makes the first of two calls with one id, for their answers could not be told apart", async () => {
    const { answer } = await post([call("a", { text: "1" }), call("a", { text: "2" }), call("b", { text: "3" })]);
    expect(codes(answer)).toEqual([undefined, -32_600, undefined]);
    expect(doors.heard).toEqual(["1", "3"]);
  });

  it("counts each call of a batch by itself, and says in it and by the status of a single one that it was too much", async () => {
    const limits = {
      inFlight: 9,
      inFlightSession: 9,
      queue: 0,
      queueMs: 0,
      rateSession: undefined,
      rateTool: undefined,
    };
    pass = new Gate({ ...limits, rate: rateFrom("3/h") }, new VirtualClock()).commonPass(KEYLESS);
    try {
      const batch = await post([
        call(1),
        call(2),
        { jsonrpc: "2.0", method: "sayAgain", params: { text: "n" } },
        call(3),
      ]);
      expect([batch.status, codes(batch.answer)]).toEqual([200, [undefined, undefined, -32_029]]);
      expect(doors.heard).toEqual(["a", "a", "n"]);
      const single = await post(call(4));
      expect([single.status, single.headers.get("retry-after")]).toEqual([429, "1200"]);
      expect(single.answer).toMatchObject({
        id: 4,
        error: { data: { code: "rate_limited", retry_after_ms: 1_200_000 } },
      });
    } finally {
      pass = unlimited();
    }
  });

  it("names the nearest method", async () => {
    const { status, answer } = await post(call(1, {}, "sayagain"));
    expect([status, answer.error.code, answer.error.data.nearest]).toEqual([200, -32_601, ["sayAgain"]]);
    expect((await post(call(1, {}, "__proto__"))).answer.error.code).toBe(-32_601);
  });

  it("tells each wrong parameter in a sentence", async () => {
    const wrong = async (params: unknown) => {
      const { status, answer } = await post({ jsonrpc: "2.0", id: 1, method: "sayAgain", params });
      expect([status, answer.error.code]).toEqual([200, -32_602]);
      return answer.error.data.validation_errors;
    };
    expect(await wrong({ text: 7, times: 21 })).toEqual(["text must be a string", "times must be at most 20"]);
    expect(await wrong({ text: "too long", tims: 1 })).toEqual([
      "text must have at most 5 characters",
      "tims is no parameter; did you mean times?",
    ]);
    expect(await wrong({ text: "", times: 0.5 })).toEqual(["text must not be empty", "times must be a whole number"]);
    expect(await wrong(undefined)).toEqual(["text is missing"]);
    expect(await wrong(["a"])).toEqual(["params must be an object: each parameter goes by its name"]);
  });

  it("takes no key that objects have of their own for a parameter, and none is set on anything", async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"sayAgain","params":{"text":"a","__proto__":{"times":9}}}';
    expect((await post(body)).answer.error.code).toBe(-32_602);
    const within = '{"jsonrpc":"2.0","id":1,"method":"sayAgain","params":{"text":"a","also":{"__proto__":"x"}}}';
    expect((await post(within)).answer.result.also).toEqual([]);
    expect("times" in {}).toBe(false);
  });

  it("tells nothing of an error nobody foresaw", async () => {
    for (const method of ["expected", "unforeseen"]) {
      const { status, answer } = await post(call(1, {}, method));
      expect([status, answer.error.code]).toEqual([200, -32_603]);
      expect(JSON.stringify(answer)).not.toMatch(/home|hunter2/);
    }
  });
});
