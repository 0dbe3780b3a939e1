/** Served from node_modules under this name. */
export { default } from 'uplot';
