declare module '*.module.css' {
  // biome-ignore lint/suspicious/noExplicitAny: a class that is missing shows at once; undefined in every className does not help
  const classes: { readonly [name: string]: any };
  export default classes;
}
declare module '*.css';
