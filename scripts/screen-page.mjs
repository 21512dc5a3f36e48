// What `tmux capture-pane -e` gives, as a page that looks like a terminal.
const CELL = { width: 9, height: 19 };
const MARGIN = 16;
const SIXTEEN = {
  dark: [
    "#1e1e1e",
    "#e05f5f",
    "#5faf5f",
    "#d7af5f",
    "#5f87d7",
    "#af87d7",
    "#5fafaf",
    "#d0d0d0",
    "#6c6c6c",
    "#ff8787",
    "#87d787",
    "#ffd787",
    "#5fafff",
    "#d7afff",
    "#5fd7d7",
    "#ffffff",
  ],
  light: [
    "#000000",
    "#af0000",
    "#005f00",
    "#875f00",
    "#005faf",
    "#8700af",
    "#005f87",
    "#6c6c6c",
    "#444444",
    "#d70000",
    "#008700",
    "#af8700",
    "#0087ff",
    "#af00d7",
    "#0087af",
    "#ffffff",
  ],
};

/** `light`: on a white background. `cursor`: where it stands, if it is seen. */
export function screenPage(ansi, { columns, light, cursor }) {
  const lines = ansi.replace(/\s+$/, "").split("\n");
  const colours = light
    ? { ink: "#1a1a1a", paper: "#ffffff", sixteen: SIXTEEN.light }
    : { ink: "#d4d4d4", paper: "#1e1e1e", sixteen: SIXTEEN.dark };
  const style = {};
  const body = lines.map((line) => `<div>${painted(line, style, colours)}</div>`).join("");
  const html = `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: ${MARGIN}px; background: ${colours.paper}; color: ${colours.ink}; }
    div { font: 15px/${CELL.height}px "DejaVu Sans Mono", monospace; height: ${CELL.height}px; white-space: pre; }
    i { position: absolute; width: 1ch; height: ${CELL.height}px; background: ${colours.ink}; mix-blend-mode: difference;
        font: 15px "DejaVu Sans Mono", monospace; }
  </style>${body}${cursor === undefined ? "" : block(cursor)}`;
  return { html, width: columns * CELL.width + 2 * MARGIN + 4, height: lines.length * CELL.height + 2 * MARGIN };
}

function block({ column, row }) {
  return `<i style="left:calc(${MARGIN}px + ${column}ch);top:${MARGIN + row * CELL.height}px"></i>`;
}

/** `style` is carried from line to line, as the terminal does. */
function painted(line, style, colours) {
  let out = "";
  for (const [index, part] of line.split(/\u001B\[([\d;]*)m/).entries()) {
    if (index % 2 === 1) restyle(style, part.split(";").map(Number), colours);
    else if (part !== "") out += `<span style="${css(style, colours)}">${escaped(part)}</span>`;
  }
  return out.replace(/\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)/g, "");
}

const SWITCHES = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };

function restyle(style, codes, { sixteen }) {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) for (const key of Object.keys(style)) delete style[key];
    else if (code in SWITCHES) style[SWITCHES[code]] = true;
    else if (code === 22) Object.assign(style, { bold: false, dim: false });
    else if (code >= 23 && code <= 29) delete style[SWITCHES[code - 20]];
    else if (code >= 30 && code <= 37) style.ink = sixteen[code - 30];
    else if (code >= 90 && code <= 97) style.ink = sixteen[code - 82];
    else if (code === 39) delete style.ink;
    else if (code === 38 && codes[at + 1] === 5) {
      style.ink = of256(codes[at + 2] ?? 0, sixteen);
      at += 2;
    } else if (code === 38 && codes[at + 1] === 2) {
      style.ink = `rgb(${codes.slice(at + 2, at + 5).join(",")})`;
      at += 4;
    }
  }
}

function of256(index, sixteen) {
  if (index < 16) return sixteen[index];
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (index - 232))
      .join(",")})`;
  const steps = [0, 95, 135, 175, 215, 255];
  const cube = index - 16;
  return `rgb(${[steps[Math.floor(cube / 36)], steps[Math.floor(cube / 6) % 6], steps[cube % 6]].join(",")})`;
}

function css({ bold, dim, italic, underline, inverse, strike, ink }, { ink: normal, paper }) {
  const front = ink ?? normal;
  const lines = [underline ? "underline" : "", strike ? "line-through" : ""].filter(Boolean).join(" ");
  return [
    inverse ? `color:${paper};background:${front}` : `color:${front}`,
    bold ? "font-weight:bold" : "",
    dim ? "opacity:0.65" : "",
    italic ? "font-style:italic" : "",
    lines === "" ? "" : `text-decoration:${lines}`,
  ]
    .filter(Boolean)
    .join(";");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
