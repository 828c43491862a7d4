let found: boolean | undefined;

/**
 * Whether the browser draws WebGL by a graphics processor. One that computes it on the CPU draws a canvas faster, and
 * the library's WebGL drawer then takes px of a turned slide from the wrong tile.
 */
export function hasGraphicsProcessor(): boolean {
  found ??= isByProcessor(rendererName());
  return found;
}

/** By the name of what draws; none without WebGL 2. The CPU's are Chromium's, Mesa's, Windows' and macOS' own. */
export function isByProcessor(renderer: string | null): boolean {
  return renderer !== null && !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

function rendererName(): string | null {
  // Where the browser itself says that it is slow, there is none; Chromium does not say so of SwiftShader.
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!gl) return null;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  // A browser keeps few contexts, and this one has done its part.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
}
