export const synonymGroups = `
kubernetes, k8s, kube
`;
