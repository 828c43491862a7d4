import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';

const program = `
import sys, torch
from pathlib import Path
from types import SimpleNamespace
from stroma_trainer import presets
from stroma_trainer.encoder import Encoder, architecture, card, save_encoder
from stroma_trainer.export_onnx import ENCODER_OUTPUTS, Attending, export
c = SimpleNamespace(**presets.settings("train_dino", sys.argv[1], {}))
torch.manual_seed(7)
encoder = Encoder(architecture(c), card(256, c.input_px, c.dim, 0.5))
save_encoder(Path(sys.argv[2]), encoder)
crop = torch.randint(256, (2, 256, 256, 3), dtype=torch.uint8)
export(Path(sys.argv[2]) / "encoder.onnx", Attending(encoder), {"crop": crop}, ENCODER_OUTPUTS)
`;

/** The encoder of 8-bit products, as the trainer makes it. Answers its path. */
export async function quantizeEncoder(encoder: string, folder: string, python: string): Promise<string> {
  const path8 = path.join(folder, 'encoder_int8.onnx');
  const program =
    'import sys, pathlib; from stroma_trainer.int8 import quantized; quantized(*map(pathlib.Path, sys.argv[1:]))';
  const trainer = path.join(import.meta.dirname, '../../services/trainer');
  const env = { ...process.env, PYTHONPATH: trainer, PYTHONDONTWRITEBYTECODE: '1' };
  await promisify(execFile)(python, ['-c', program, encoder, path8], { env });
  return path8;
}

/** An untrained encoder of a preset, exported by the trainer; speed does not depend on the weights. */
export async function exportEncoder(preset: string, folder: string): Promise<string> {
  const python = await trainerPython('run');
  if (!python) throw new Error('no --model is given, and the trainer’s environment is not set up: npm run setup');
  const model = path.join(folder, 'model');
  await mkdir(model);
  const trainer = path.join(import.meta.dirname, '../../services/trainer');
  const env = { ...process.env, PYTHONPATH: trainer, PYTHONDONTWRITEBYTECODE: '1' };
  await promisify(execFile)(python, ['-c', program, preset, model], { env });
  return model;
}
