// How each system is told to run the daemon's app: text alone. The system itself is the keeper then. What it runs is named by absolute
// paths, and of the environment, where keys may be, PATH alone goes into it, for servers are started by name (`npx`).
import { BanyanError } from "../../supervision/errors.js";

export interface Service {
  /** The program with its arguments, all paths absolute. */
  readonly command: readonly string[];
  /** The folder whose settings count. */
  readonly folder: string;
  /** PATH. */
  readonly path: string;
  /** Takes stderr, where the system keeps none itself. */
  readonly stderr: string;
  /** The longest time for an orderly end. */
  readonly stopSeconds: number;
}

export interface ServiceUnit {
  /** Below the folder that the system reads them from. */
  readonly text: string;
  /** What is to be typed once it is there, and once it is not there any more. */
  readonly enable: string;
  readonly disable: string;
}

export const LABEL = "banyan.daemon";

export function systemdUnit(service: Service): ServiceUnit {
  const { command, folder, path, stopSeconds } = checked(service);
  const text = `[Unit]
Description=Banyan, an MCP server over HTTP
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
WorkingDirectory=${folder.replaceAll("%", "%%")}
Environment=${quotedForSystemd(`PATH=${path}`).replaceAll("$$", "$")}
ExecStart=${command.map(quotedForSystemd).join(" ")}
Restart=on-failure
RestartSec=1
TimeoutStopSec=${stopSeconds}

[Install]
WantedBy=default.target
`;
  return {
    text,
    enable: "systemctl --user daemon-reload && systemctl --user enable --now banyan.service",
    disable: "systemctl --user daemon-reload && systemctl --user stop banyan.service",
  };
}

export function launchdPlist(service: Service): ServiceUnit {
  const { command, folder, path, stderr, stopSeconds } = checked(service);
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    <string>${inXml(word)}</string>`).join("\n")}
  </array>
  <key>WorkingDirectory</key>
  <string>${inXml(folder)}</string>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    <string>${inXml(path)}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>1</integer>
  <key>ExitTimeOut</key>
  <integer>${stopSeconds}</integer>
  <key>StandardErrorPath</key>
  <string>${inXml(stderr)}</string>
</dict>
</plist>
`;
  return {
    text,
    enable: `launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/${LABEL}.plist`,
    disable: `launchctl bootout gui/$(id -u)/${LABEL}`,
  };
}

/** Of what a task runs, as `schtasks /Create /TR` has it. */
const LONGEST_TASK = 261;

/** A task at sign-in; it is a command, and no file. `command` starts the daemon and ends. */
export function scheduledTask(service: Service): ServiceUnit {
  const { command, folder } = checked(service);
  if ([...command, folder].some((word) => word.includes('"')))
    throw new BanyanError("usage", "A path with a double quote cannot be run by the task scheduler.");
  const run = `cmd /c cd /d \\"${folder}\\" && ${command.map((word) => `\\"${word}\\"`).join(" ")}`;
  if (run.replaceAll('\\"', '"').length > LONGEST_TASK)
    throw new BanyanError("usage", `The task scheduler runs at most ${LONGEST_TASK} characters; use shorter paths.`);
  const text = `schtasks /Create /F /SC ONLOGON /TN Banyan /TR "${run}"\n`;
  return { text, enable: text.trimEnd(), disable: "schtasks /Delete /F /TN Banyan" };
}

function checked(service: Service): Service {
  if ([...service.command, service.folder, service.path, service.stderr].some((word) => /\p{Cc}/u.test(word)))
    throw new BanyanError("usage", "A path with a line break or another control character cannot be run as a service.");
  return service;
}

/** As systemd.service(5) and systemd.unit(5) have it. */
function quotedForSystemd(word: string): string {
  return `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

function inXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
