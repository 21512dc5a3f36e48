// React chooses between its fast build and the one for developers when it is loaded, by NODE_ENV. Who runs a terminal app
// has not set that, and setting it for good would reach every program started from here. So it is set while React is loaded, and only
// then. To be imported before anything that imports React.
import { createRequire } from "node:module";

const chosen = process.env.NODE_ENV;
if (chosen === undefined) {
  process.env.NODE_ENV = "production";
  const require = createRequire(import.meta.url);
  require("react");
  require("react/jsx-runtime");
  // Ink's own copy, wherever it is installed.
  createRequire(require.resolve("ink"))("react-reconciler");
  delete process.env.NODE_ENV;
}
