"""The vocabulary of the criteria language: every kind of node by the YAML key that names it."""

from __future__ import annotations

from cds_service.criteria.node import Node
from cds_service.criteria.nodes.allergy import AllergyNode
from cds_service.criteria.nodes.coded import CodedResultNode, FutureDateNode
from cds_service.criteria.nodes.combine import AllOfNode, AnyOfNode, ArmNode, AtLeastNode, NotNode
from cds_service.criteria.nodes.diagnosis import DiagnosisNode
from cds_service.criteria.nodes.doses import DailyDoseNode, HighDoseDaysNode, PeakDoseNode
from cds_service.criteria.nodes.drugs import ExposedNode, LastDoseNode, TakingNode, TreatedForNode
from cds_service.criteria.nodes.duration import FirstDiagnosedNode, UnderAgeNode
from cds_service.criteria.nodes.measures import LowerLimitNode, MeasureNode, UpperLimitNode
from cds_service.criteria.nodes.people import AgeNode, AnatomyNode, AskNode, ConsentNode, TakesPartNode
from cds_service.criteria.nodes.records import RecordNode
from cds_service.criteria.nodes.recovery import RecoveredNode
from cds_service.criteria.nodes.scores import GradedDomainsNode, ScoreNode, TrendNode
from cds_service.criteria.nodes.serology import SerologyNode
from cds_service.criteria.nodes.stability import ContinuousNode, UnchangedNode

# Where two keys stand together the earlier one names the node: `score … at_least`, `at_least … of`.
KINDS: tuple[type[Node], ...] = (
    AllOfNode, AnyOfNode, NotNode, ArmNode,
    RecordNode, DiagnosisNode, FirstDiagnosedNode, UnderAgeNode, AllergyNode,
    SerologyNode, MeasureNode, UpperLimitNode, LowerLimitNode, ScoreNode, GradedDomainsNode, TrendNode, CodedResultNode, FutureDateNode,
    ExposedNode, LastDoseNode, TakingNode, TreatedForNode, RecoveredNode,
    ContinuousNode, UnchangedNode, DailyDoseNode, PeakDoseNode, HighDoseDaysNode,
    AgeNode, AnatomyNode, AskNode, ConsentNode, TakesPartNode,
    AtLeastNode,
)  # fmt: skip
BY_KEY = {kind.KEY: kind for kind in KINDS}
