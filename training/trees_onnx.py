"""Writes scikit-learn's histogram gradient boosting as an ONNX tree ensemble, which serving runs without scikit-learn."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper
from sklearn.ensemble import HistGradientBoostingClassifier

__all__ = ["trees_to_onnx"]


def trees_to_onnx(model: HistGradientBoostingClassifier, features: int) -> onnx.ModelProto:
    """Input `features` float32 (n, features); output `log_odds` float32 (n, 1). Two classes, no categorical features."""
    nodes: dict[str, list] = {name: [] for name in (
        "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_values", "nodes_modes", "nodes_truenodeids", "nodes_falsenodeids")}
    leaves: dict[str, list] = {name: [] for name in ("target_treeids", "target_nodeids", "target_ids", "target_weights")}
    for tree, (predictor,) in enumerate(model._predictors):
        for number, node in enumerate(predictor.nodes):
            leaf = bool(node["is_leaf"])
            row = (tree, number, 0 if leaf else int(node["feature_idx"]), 0.0 if leaf else float(node["num_threshold"]),
                   "LEAF" if leaf else "BRANCH_LEQ", 0 if leaf else int(node["left"]), 0 if leaf else int(node["right"]))
            for values, value in zip(nodes.values(), row, strict=True):
                values.append(value)
            if leaf:
                for values, value in zip(leaves.values(), (tree, number, 0, float(node["value"])), strict=True):
                    values.append(value)
    ensemble = helper.make_node("TreeEnsembleRegressor", ["features"], ["log_odds"], domain="ai.onnx.ml", n_targets=1,
                                base_values=[float(model._baseline_prediction.ravel()[0])], **nodes, **leaves)
    graph = helper.make_graph(
        [ensemble], "ranker", [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, [None, 1])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=9)
