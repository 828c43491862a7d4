import { colourMaps, colourTable, shades } from './colour-maps.ts';
import type { HeatPainter } from './heat-painter.ts';
import { absent, fragmentSource, vertexSource } from './heat-shaders.ts';

/** Values lie in a texture, one texel a crop: every other change is a number or two for the next frame. */
export function webglPainter(canvas: HTMLCanvasElement): HeatPainter | null {
  const gl = canvas.getContext('webgl2', { premultipliedAlpha: true, antialias: false });
  if (!gl) return null;
  const program = linked(gl);
  // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, not React's
  gl.useProgram(program);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.activeTexture(gl.TEXTURE1);
  texture(gl);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, shades, colourMaps.length, 0, gl.RGBA, gl.UNSIGNED_BYTE, colourTable());
  gl.activeTexture(gl.TEXTURE0);
  texture(gl);
  const at = (name: string) => gl.getUniformLocation(program, name);
  const [origin, right, down, canvasPx] = [at('origin'), at('right'), at('down'), at('canvasPx')];
  const [grid, ranked, diverging, smoothed] = [at('grid'), at('ranked'), at('diverging'), at('smoothed')];
  const [opacity, threshold, map] = [at('opacity'), at('threshold'), at('map')];
  gl.uniform1i(at('cells'), 0);
  gl.uniform1i(at('colours'), 1);

  const clear = () => {
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  };
  return {
    kind: 'webgl',
    load({ columns, rows, cells }, { rank, absolute, signed }) {
      const texels = new Float32Array(columns * rows * 2).fill(absent);
      for (let crop = 0; crop < cells.length; crop += 1) {
        const texel = 2 * (cells[crop] ?? 0);
        texels[texel] = rank[crop] ?? absent;
        texels[texel + 1] = absolute[crop] ?? absent;
      }
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG32F, columns, rows, 0, gl.RG, gl.FLOAT, texels);
      gl.uniform2f(grid, columns, rows);
      gl.uniform1i(diverging, Number(signed));
    },
    paint(corners, look) {
      clear();
      gl.uniform2f(canvasPx, canvas.width, canvas.height);
      gl.uniform2f(origin, corners.origin.x, corners.origin.y);
      gl.uniform2f(right, corners.right.x, corners.right.y);
      gl.uniform2f(down, corners.down.x, corners.down.y);
      gl.uniform1i(ranked, Number(look.mode === 'rank'));
      gl.uniform1i(smoothed, Number(look.smooth));
      gl.uniform1f(opacity, look.opacity);
      gl.uniform1f(threshold, look.threshold);
      gl.uniform1i(map, colourMaps.indexOf(look.map));
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    },
    clear,
  };
}

/** Never interpolated by the sampler: a float texture has no filter, and a blend is a choice of the look. */
function texture(gl: WebGL2RenderingContext): void {
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertexSource],
    [gl.FRAGMENT_SHADER, fragmentSource],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) continue; // a lost context; drawing on it does nothing
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`heat map: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
