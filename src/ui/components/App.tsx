// The whole screen: the transcript, printed once, and under it the live part. It only draws; what there is to draw is in the view
// store, what the user is doing is in the interaction, and both live outside React.
import { Box } from "ink";
import { Component, type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import type { Clock } from "../clock.js";
import type { Interaction } from "../interaction.js";
import { liveLines, type Size } from "../layout.js";
import type { Theme } from "../theme.js";
import { isView } from "../tui-manager.js";
import type { View, ViewStore } from "../view-store.js";
import type { Views } from "../views/views.js";
import { Lines } from "./Lines.js";
import { Transcript } from "./Transcript.js";

export interface AppProps {
  readonly store: ViewStore;
  readonly interaction: Interaction;
  readonly views: Views;
  readonly theme: Theme;
  readonly size: Size;
  readonly clock: Clock;
  /** How tall the live part came out, after every drawing. */
  readonly onHeight?: (rows: number) => void;
}

export function App({ store, interaction, views, theme, size, clock, onHeight }: AppProps) {
  const view = useSyncExternalStore(store.subscribe, store.view);
  const state = useSyncExternalStore(interaction.subscribe, interaction.state);
  useSyncExternalStore(views.subscribe, views.version);
  const { front } = state.mode;
  const full = isView(front);
  useTicks(full ? Math.max(FULL_TICK_MS, tickOf(view) ?? 0) : tickOf(view), clock);
  const now = clock.now();
  const lines = full ? views.lines(front, view, size, theme, now) : liveLines(view, state, size, theme, now);
  useEffect(() => (full ? undefined : onHeight?.(lines.length)));
  return (
    <Box flexDirection="column">
      <Transcript entries={view.entries} columns={size.columns} theme={theme} />
      <Lines kind={full ? "full" : "live"} lines={lines} />
    </Box>
  );
}

/** A view tells how old things are. */
const FULL_TICK_MS = 1_000;

/** How often the live part must be drawn though nothing happens: for a spinner, for seconds that count, or never. */
function tickOf(view: View): number | undefined {
  const { status } = view;
  if (view.calls.length > 0 || /^(?:thinking|running-tools|compacting)$/.test(status?.turn ?? "")) return 120;
  if (view.turnSince !== undefined || status?.breaker === "open") return 1_000;
  return undefined;
}

function useTicks(ms: number | undefined, clock: Clock): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (ms === undefined) return;
    let cancel: () => void = () => {};
    const tick = (): void => {
      setTick((count) => count + 1);
      cancel = clock.after(ms, tick);
    };
    cancel = clock.after(ms, tick);
    return () => cancel();
  }, [ms, clock]);
}

interface GuardProps {
  readonly onError: (error: Error) => void;
  readonly children: ReactNode;
}

/** Hands an error of the drawing out and draws nothing more: Ink would print its own report with a stack over the screen. */
export class Guard extends Component<GuardProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error): void {
    this.props.onError(error);
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}
