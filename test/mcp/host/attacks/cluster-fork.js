// Forks the host itself.
import cluster from "node:cluster";

export default {
  name: "cluster_fork",
  description: "Forks the host itself",
  input: { type: "object" },
  handler: ({ mark }) => {
    cluster.setupPrimary({ exec: "/usr/bin/touch", args: [mark] });
    return String(cluster.fork().id);
  },
};
