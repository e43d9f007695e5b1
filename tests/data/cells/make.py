# SPDX-License-Identifier: BSD-3-Clause
"""Writes recurrences computed by PyTorch into the folders beside it: python3 make.py (torch 2.5.1 wrote what is there).

A folder KIND_N holds a cell with N units and M inputs (1 for N = 1, else 3) over T = 30 steps, all in float64 but for y_f4:
  one file for each tensor of the cell   named as in its state_dict
  x (T, M)          inputs
  y0 (S)            initial state: h; (h, c) for lstm; (y, z) for lem
  y (T, S)          states y_1 .. y_T
  y_f4 (T, S)       the same, computed in float32 from weights, inputs and y0 rounded to float32
  v (T, S)          weights of a loss = sum over all v * y
  y0_bar (S), x_bar (T, M), theta_bar (P)   gradients of that loss; theta_bar as parameters_to_vector orders it
lem has dt = 0.7. Its cell is written here from the equations of its paper, with the tensor names of its authors' code.
"""
import pathlib

import numpy as np
import torch
from torch import nn

here = pathlib.Path(__file__).parent
STEPS = 30
LEM_DT = 0.7


class Lem(nn.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.inp2hid = nn.Linear(inputs, 4 * units)
        self.hid2hid = nn.Linear(units, 3 * units)
        self.transform_z = nn.Linear(units, units)
        for p in self.parameters():
            nn.init.uniform_(p, -units**-0.5, units**-0.5)

    def forward(self, x, state):
        y, z = state
        from_x = self.inp2hid(x).chunk(4, -1)
        from_y = self.hid2hid(y).chunk(3, -1)
        step_y = LEM_DT * torch.sigmoid(from_x[0] + from_y[0])
        step_z = LEM_DT * torch.sigmoid(from_x[1] + from_y[1])
        z = (1 - step_z) * z + step_z * torch.tanh(from_x[3] + from_y[2])
        y = (1 - step_y) * y + step_y * torch.tanh(self.transform_z(z) + from_x[2])
        return y, z


KINDS = {  # cell, parts of its state, seed
    "elman": (nn.RNNCell, 1, 0),
    "elman_relu": (lambda m, n: nn.RNNCell(m, n, nonlinearity="relu"), 1, 600),
    "gru": (nn.GRUCell, 1, 200),
    "lstm": (nn.LSTMCell, 2, 300),
    "lem": (Lem, 2, 400),
}


def run(cell, parts, x, y0):
    state = y0.reshape(1, -1).chunk(parts, -1) if parts > 1 else y0.reshape(1, -1)
    states = []
    for x_i in x:
        state = cell(x_i.reshape(1, -1), state)
        states.append((torch.cat(state, -1) if parts > 1 else state)[0])
    return torch.stack(states)


def make(kind, units, seed):
    torch.manual_seed(seed)
    torch.set_default_dtype(torch.float64)
    build, parts, _ = KINDS[kind]
    inputs = 1 if units == 1 else 3
    cell = build(inputs, units)
    x = torch.randn(STEPS, inputs, requires_grad=True)
    y0 = (2 * torch.rand(parts * units) - 1).requires_grad_()
    v = torch.randn(STEPS, parts * units)
    y = run(cell, parts, x, y0)
    (v * y).sum().backward()
    assert (y.std(0) > 1e-3).all(), f"{kind}_{units} has a unit that is dead: choose another seed"
    files = dict(cell.state_dict(), x=x, y0=y0, y=y, v=v, y0_bar=y0.grad, x_bar=x.grad)
    files["theta_bar"] = torch.cat([p.grad.reshape(-1) for p in cell.parameters()])
    with torch.no_grad():
        files["y_f4"] = run(cell.float(), parts, x.float(), y0.float())
    folder = here / f"{kind}_{units}"
    folder.mkdir(exist_ok=True)
    for name, tensor in files.items():
        np.save(folder / f"{name}.npy", tensor.detach().numpy())


for kind, (_, _, seed) in KINDS.items():
    for units in (1, 4, 16):
        make(kind, units, seed + units)
