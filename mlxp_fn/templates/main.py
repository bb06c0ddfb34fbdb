"""Train a small network to read handwritten digits.

python main.py                                          one run
python main.py optimizer.lr=0.03,0.3 seed=1,2,3         six runs
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import mlxp_fn as mlxp


@mlxp.launch(config_path="./configs", seeding_function=np.random.seed)
def train(ctx: mlxp.Context) -> float:
    """Return the accuracy on digits that were not trained on."""
    config, logger = ctx.config, ctx.logger
    pixels, digits = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(pixels / 16, digits, stratify=digits)
    weights = initialize(inputs=64, hidden=config.model.hidden, classes=10)
    for epoch in range(config.epochs):
        for batch in np.array_split(np.random.permutation(len(x)), len(x) // config.optimizer.batch_size):
            slopes = gradient(weights, x[batch], y[batch])
            weights = [w - config.optimizer.lr * slope for w, slope in zip(weights, slopes, strict=True)]
        logger.log_metrics({"epoch": epoch, **evaluate(weights, x, y)}, log_name="train")
        logger.log_metrics({"epoch": epoch, **evaluate(weights, x_test, y_test)}, log_name="test")
    logger.log_checkpoint(weights)
    return evaluate(weights, x_test, y_test)["accuracy"]


def initialize(inputs: int, hidden: int, classes: int) -> list[np.ndarray]:
    """Draw the weights of one hidden layer and of the output."""
    first = np.random.normal(scale=(2 / inputs) ** 0.5, size=(inputs, hidden))
    second = np.random.normal(scale=(2 / hidden) ** 0.5, size=(hidden, classes))
    return [first, np.zeros(hidden), second, np.zeros(classes)]


def predict(weights: list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hidden layer and the probability of each class."""
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, odds / odds.sum(axis=1, keepdims=True)


def gradient(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Differentiate the cross-entropy by each of the weights."""
    hidden, probabilities = predict(weights, x)
    at_scores = (probabilities - np.eye(probabilities.shape[1])[y]) / len(x)
    at_hidden = (at_scores @ weights[2].T) * (hidden > 0)
    return [x.T @ at_hidden, at_hidden.sum(axis=0), hidden.T @ at_scores, at_scores.sum(axis=0)]


def evaluate(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Measure the cross-entropy and the share of right answers."""
    probabilities = predict(weights, x)[1]
    loss = -np.log(probabilities[np.arange(len(y)), y] + 1e-12).mean()
    return {"loss": float(loss), "accuracy": float((probabilities.argmax(axis=1) == y).mean())}


if __name__ == "__main__":
    train()
