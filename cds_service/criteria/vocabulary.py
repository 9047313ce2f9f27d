"""The vocabulary of the criteria language: every kind of node by the YAML key that names it."""

from __future__ import annotations

from cds_service.criteria.allergy import AllergyNode
from cds_service.criteria.coded import CodedResultNode, FutureDateNode
from cds_service.criteria.combine import AllOfNode, AnyOfNode, ArmNode, AtLeastNode, NotNode
from cds_service.criteria.drugs import ExposedNode, LastDoseNode, RecoveredNode, TakingNode
from cds_service.criteria.duration import FirstDiagnosedNode
from cds_service.criteria.measures import MeasureNode, UpperLimitNode
from cds_service.criteria.node import Node
from cds_service.criteria.people import AgeNode, AnatomyNode, AskNode, ConsentNode, TakesPartNode, UnderAgeNode
from cds_service.criteria.records import DiagnosisNode, RecordNode
from cds_service.criteria.scores import GradedDomainsNode, ScoreNode, TrendNode
from cds_service.criteria.serology import SerologyNode

# Where two keys stand together the earlier one names the node: `score … at_least`, `at_least … of`.
KINDS: tuple[type[Node], ...] = (
    AllOfNode, AnyOfNode, NotNode, ArmNode,
    RecordNode, DiagnosisNode, FirstDiagnosedNode, UnderAgeNode, AllergyNode,
    SerologyNode, MeasureNode, UpperLimitNode, ScoreNode, GradedDomainsNode, TrendNode, CodedResultNode, FutureDateNode,
    ExposedNode, LastDoseNode, TakingNode, RecoveredNode,
    AgeNode, AnatomyNode, AskNode, ConsentNode, TakesPartNode,
    AtLeastNode,
)  # fmt: skip
BY_KEY = {kind.KEY: kind for kind in KINDS}
