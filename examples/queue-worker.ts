import { Application, child, type From, GenServer, isDown, type NoReply, named, noReply, type Pid } from "banyan";

interface Job {
  readonly text: string;
  readonly attempt: number;
}

const MOST_ATTEMPTS = 3;
const queue = named<Queue>("queue");

// Knows every job until somebody has done it, and does nothing itself that could fail.
class Queue extends GenServer<void, { waiting: Job[]; done: string[]; givenUp: string[] }> {
  private readonly idle: { worker: Pid; from: From<Job> }[] = [];
  private readonly taken = new Map<string, { job: Job; monitor: number }>();
  private readonly drains: From<string>[] = [];

  protected override init() {
    this.state = { waiting: [], done: [], givenUp: [] };
  }

  add(text: string) {
    this.state.waiting.push({ text, attempt: 1 });
    this.handOut();
  }

  take(worker: Pid): Job | NoReply {
    this.idle.push({ worker, from: this.from<Job>() });
    this.handOut();
    return noReply; // the answer comes with a job
  }

  finish(worker: Pid) {
    const { job, monitor } = this.giveBack(worker) ?? {};
    if (job === undefined || monitor === undefined) return;
    this.demonitor(monitor, { flush: true });
    this.state.done.push(job.text);
    this.answerDrains();
  }

  drained(): string | NoReply {
    this.drains.push(this.from<string>());
    this.answerDrains();
    return noReply;
  }

  // Whoever took a job and died has not done it.
  protected override handleInfo(message: unknown) {
    if (!isDown(message) || message.pid === undefined) return;
    const { job } = this.giveBack(message.pid) ?? {};
    if (job === undefined) return;
    if (job.attempt >= MOST_ATTEMPTS) this.state.givenUp.push(job.text);
    else this.state.waiting.push({ ...job, attempt: job.attempt + 1 });
    this.handOut();
    this.answerDrains();
  }

  private giveBack(worker: Pid) {
    const lease = this.taken.get(worker.id);
    this.taken.delete(worker.id);
    return lease;
  }

  private handOut() {
    for (;;) {
      const [job] = this.state.waiting;
      const asking = job === undefined ? undefined : this.idle.shift();
      if (job === undefined || asking === undefined) return;
      if (!asking.from.reply(job)) continue; // that worker has died meanwhile
      this.state.waiting.shift();
      this.taken.set(asking.worker.id, { job, monitor: this.monitor(asking.worker) });
    }
  }

  private answerDrains() {
    const { waiting, done, givenUp } = this.state;
    if (waiting.length > 0 || this.taken.size > 0) return;
    const answer = `done ${done.sort().join(", ")}; given up ${givenUp.join(", ")}`;
    for (const from of this.drains.splice(0)) from.reply(answer);
  }
}

class Worker extends GenServer {
  private readonly queue = this.use(queue).with({ timeout: Number.POSITIVE_INFINITY });

  protected override init() {
    this.next();
  }

  protected override async handleInfo() {
    const job = await this.queue.call.take(this.self<Worker>());
    if (job.text === "poison") throw new Error("cannot digest that"); // a crash: no try, no catch, no clean-up
    await this.queue.call.finish(this.self<Worker>());
    this.next();
  }

  private next() {
    this.sendAfter(0, "next");
  }
}

const app = await Application.start({
  strategy: "rest_for_one", // without their queue the workers have nothing to do
  maxRestarts: 10,
  maxSeconds: 5,
  children: [
    child(Queue, undefined, { name: queue }),
    child(Worker, undefined, { id: "1" }),
    child(Worker, undefined, { id: "2" }),
  ],
});

for (const text of ["apples", "pears", "poison", "plums"]) queue.cast.add(text);
console.log(await queue.call.drained()); // done apples, pears, plums; given up poison
await app.stop();
