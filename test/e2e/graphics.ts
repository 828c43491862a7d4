/**
 * Runs in the page before its own scripts: WebGL that is computed on the CPU names itself a graphics processor's, so
 * that what draws with one is tested without one. 0x9246 is UNMASKED_RENDERER_WEBGL.
 */
export const asWithGraphicsProcessor = `const given = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 0x9246 ? 'graphics processor' : given.call(this, name);
};`;
