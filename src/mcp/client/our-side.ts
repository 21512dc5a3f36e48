// Our side of a server's connection: what the server is told of us, which log messages it is asked for, which folders it may work in,
// and who answers what it asks.
import { messageOf } from "../../supervision/index.js";
import { leastOf } from "./client-wishes.js";
import type { Connection } from "./connection.js";
import { ServerLostError } from "./errors.js";
import type { Conversation } from "./link.js";
import type { LogLevel, Root, ServerNotification } from "./mcp-types.js";
import type { Questions } from "./questions.js";
import type { WrapperOptions } from "./wrapper-options.js";

export interface OurSideOptions {
  readonly options: WrapperOptions;
  readonly questions: Questions;
  readonly heard: (notification: ServerNotification) => void;
}

export class OurSide {
  /** As the settings want it. */
  logLevel: LogLevel | undefined;
  private logFloor: LogLevel | undefined;
  private roots: readonly Root[];

  constructor(private readonly parts: OurSideOptions) {
    const { config, logFloor, roots = [] } = parts.options;
    this.logFloor = logFloor;
    this.logLevel = config.logLevel;
    this.roots = roots;
  }

  /** With the next connection. */
  conversation(): Conversation {
    const { options, questions, heard } = this.parts;
    const { elicitor, forClients = false } = options;
    return {
      clientInfo: options.clientInfo,
      onNotification: heard,
      ...(elicitor === undefined && !forClients
        ? {}
        : {
            elicit: (request, signal, about) => questions.elicit(request, signal, about),
            sample: (request, signal, about) => questions.sample(request, signal, about),
            samplesAll: forClients,
          }),
      ...(options.roots === undefined ? {} : { roots: () => this.roots }),
      ...(options.ask === undefined ? {} : { ask: options.ask }),
    };
  }

  /** `connection`: the one that stands, if any. */
  setLogLevel(level: LogLevel | undefined, connection: Connection | undefined): void {
    this.logLevel = level;
    if (connection !== undefined) this.tellLogLevel(connection);
  }

  /** Clients want to hear messages from this level on; undefined: there are none who have said. */
  setLogFloor(floor: LogLevel | undefined, connection: Connection | undefined): void {
    this.logFloor = floor;
    if (connection !== undefined) this.tellLogLevel(connection);
  }

  setRoots(roots: readonly Root[], connection: Connection | undefined): void {
    this.roots = roots;
    connection?.rootsChanged().catch((error: unknown) => this.fault(error));
  }

  tellLogLevel(connection: Connection): void {
    const { logLevel, logFloor } = this;
    const level = leastOf([logLevel, logFloor].flatMap((wanted) => wanted ?? []));
    if (level !== undefined) connection.setLogLevel(level).catch((error: unknown) => this.fault(error));
  }

  private fault(error: unknown): void {
    if (error instanceof ServerLostError) return; // whoever keeps the connection tells of its end
    this.parts.heard({ type: "fault", text: messageOf(error) });
  }
}
