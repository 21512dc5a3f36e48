import { Application, child, ExplorationError, explore, GenServer, named } from "banyan";

type Accounts = Map<string, number>;

class Bank extends GenServer<Accounts> {
  private accounts: Accounts = new Map();

  protected override init(disk: Accounts) {
    this.accounts = disk; // what is written there outlives a crash
  }

  add(account: string, amount: number) {
    this.accounts.set(account, (this.accounts.get(account) ?? 0) + amount);
  }

  move(from: string, to: string, amount: number) {
    this.add(from, -amount);
    this.add(to, amount);
  }
}

const bank = named<Bank>("bank");

/** Five transfers by the given way of making one; whatever crashes, no money may be lost. */
const transfers = (transfer: () => Promise<void>) => async () => {
  const disk: Accounts = new Map([
    ["ann", 100],
    ["bob", 100],
  ]);
  const children = [child(Bank, disk, { name: bank })];
  const app = await Application.start({ strategy: "one_for_one", maxRestarts: 100, maxSeconds: 5, children });
  for (let i = 0; i < 5; i++) await transfer().catch(() => {}); // who asked may see an error
  await app.stop();
  const total = [...disk.values()].reduce((sum, balance) => sum + balance, 0);
  if (total !== 200) throw new Error(`${total} of 200 are left`);
};

const inTwoMessages = transfers(async () => {
  await bank.call.add("ann", -10);
  await bank.call.add("bob", 10);
});
const inOneMessage = transfers(() => bank.call.move("ann", "bob", 10));

const found = await explore({ runs: 200, faults: { crash: 0.1 } }, inTwoMessages).catch((error: unknown) => error);
console.log(found instanceof ExplorationError && found.message); // simulate({ seed: 1, faults: {"crash":[2]} }) fails: 190 of 200 are left

await explore({ runs: 200, faults: { crash: 0.1 } }, inOneMessage);
console.log("200 runs, nothing lost"); // 200 runs, nothing lost
