const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx])).filter(([dy, dx]) => dy || dx);

const step = (grid) =>
  grid.map((row, y) =>
    row.map((cell, x) => {
      const alive = around.reduce((sum, [dy, dx]) => sum + (grid[y + dy]?.[x + dx] ?? 0), 0);
      return alive === 3 || (cell && alive === 2) ? 1 : 0;
    }),
  );

export default {
  name: "game_of_life",
  description: "Plays Conway's game of life for some generations; # is alive.",
  input: { type: "object", properties: { board: { type: "string" }, generations: { type: "integer", maximum: 1000 } }, required: ["board"] },
  handler({ board, generations = 1 }) {
    let grid = board.split("\n").map((line) => [...line].map((c) => +(c === "#")));
    for (let i = 0; i < generations; i++) grid = step(grid);
    return grid.map((row) => row.map((cell) => ".#"[cell]).join("")).join("\n");
  },
};
