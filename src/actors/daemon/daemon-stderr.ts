// DaemonStderr: keeps the file small that takes the daemon's stderr, while the app runs that writes to it.
// permanent, shutdown at once; it holds nothing.
import { GenServer } from "../../supervision/index.js";
import { cutStderr, type StderrFile } from "./stderr-file.js";

const LOOK_MS = 30_000;
const LOOK = "look";

export class DaemonStderr extends GenServer<StderrFile> {
  private file!: StderrFile; // set by init

  protected override init(file: StderrFile): void {
    this.file = file;
    this.sendAfter(LOOK_MS, LOOK);
  }

  protected override handleInfo(): void {
    cutStderr(this.file);
    this.sendAfter(LOOK_MS, LOOK);
  }
}
