import { shades } from './colour-maps.ts';

/** Rank and absolute value of a cell without a crop: below every value there is. */
export const absent = -2;

/** A quad over the grid, given by three corners in canvas px; y grows downwards there and upwards in clip space. */
export const vertexSource = `#version 300 es
uniform vec2 origin, right, down, canvasPx, grid;
out vec2 place; // in cells
void main() {
  vec2 share = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 px = origin + share.x * (right - origin) + share.y * (down - origin);
  place = share * grid;
  gl_Position = vec4(2.0 * px.x / canvasPx.x - 1.0, 1.0 - 2.0 * px.y / canvasPx.y, 0.0, 1.0);
}`;

/**
 * The colour of the crop under the px, and nothing where none was scored. The threshold looks at the crop's own value
 * even when neighbours are blended, so that the share above it is the one that is counted.
 */
export const fragmentSource = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D cells, colours;
uniform vec2 grid;
uniform bool ranked, diverging, smoothed;
uniform float opacity, threshold;
uniform int map;
in vec2 place;
out vec4 colour;

float valueAt(ivec2 cell) {
  vec2 found = texelFetch(cells, clamp(cell, ivec2(0), ivec2(grid) - 1), 0).rg;
  return ranked ? found.r : found.g;
}

float blended() {
  vec2 middle = place - 0.5;
  ivec2 corner = ivec2(floor(middle));
  vec2 share = middle - vec2(corner);
  float sum = 0.0, weights = 0.0;
  for (int i = 0; i < 4; i += 1) {
    ivec2 step = ivec2(i & 1, i >> 1);
    float value = valueAt(corner + step);
    float weight = (step.x == 1 ? share.x : 1.0 - share.x) * (step.y == 1 ? share.y : 1.0 - share.y);
    if (value < -1.5) continue;
    sum += weight * value;
    weights += weight;
  }
  return sum / weights;
}

void main() {
  float value = valueAt(ivec2(floor(place)));
  if (value < -1.5 || abs(value) < threshold) discard;
  if (smoothed) value = blended();
  float onScale = diverging ? (value + 1.0) / 2.0 : value;
  int shade = int(floor(clamp(onScale, 0.0, 1.0) * ${shades - 1}.0 + 0.5));
  colour = vec4(texelFetch(colours, ivec2(shade, map), 0).rgb * opacity, opacity);
}`;
