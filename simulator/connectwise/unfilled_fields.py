"""Fields of ConnectWise's models that are always empty: a client may select them or filter by them."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = {
    "Company": """
        accountNumber annualRevenue billingContact billingSite billingTerms billToCompany calendar
        companyEntityType currency dateAcquired defaultContact facebookUrl integratorTags invoiceCCEmailAddress
        invoiceDeliveryMethod invoiceTemplate invoiceToEmailAddress isVendorFlag leadSource linkedInUrl market
        mobileGuid numberOfEmployees ownershipType parentCompany pricingSchedule resellerIdentifier revenueYear
        sicCode taxCode taxIdentifier territory territoryManager timeZoneSetup twitterUrl userDefinedField1
        userDefinedField10 userDefinedField2 userDefinedField3 userDefinedField4 userDefinedField5
        userDefinedField6 userDefinedField7 userDefinedField8 userDefinedField9 vendorIdentifier yearEstablished
    """,
    "CompanyStatus": """
        cancelOpenTracksFlag customNoteFlag disallowSavingFlag notificationMessage track
    """,
    "CompanyType": """
        serviceAlertFlag serviceAlertMessage
    """,
    "CompanySite": """
        addressFormat billSeparateFlag calendar entityType expenseReimbursement mobileGuid phoneNumberExt
        taxCode timeZone
    """,
    "CompanyConfiguration": """
        backupBillableSpaceGb backupFailed backupIncomplete backupMonth backupProtectedDeviceList backupRestores
        backupServerName backupSuccesses backupYear businessUnitId companyLocationId cpuSpeed defaultGateway
        department deviceIdentifier displayVendorFlag installationDate installedBy ipAddress lastBackupDate
        lastLoginName localHardDrives location locationId macAddress managementLink manufacturerPartNumber
        mobileGuid parentConfigurationId questions ram remoteLink showAutomateFlag showRemoteFlag sla
        tagNumber vendor
    """,
    "Contact": """
        anniversary assistantContact children companyLocation defaultMergeContactId department facebookUrl
        gender ignoreDuplicates integratorTags linkedInUrl managerContact mobileGuid nickName photo presence
        relationship relationshipOverride school securityIdentifier significantOther twitterUrl typeIds
        userDefinedField1 userDefinedField10 userDefinedField2 userDefinedField3 userDefinedField4
        userDefinedField5 userDefinedField6 userDefinedField7 userDefinedField8 userDefinedField9
    """,
    "ContactType": """
        serviceAlertFlag serviceAlertMessage
    """,
    "ContactCommunication": """
        _info mobileGuid
    """,
    "CommunicationType": """
        androidXref exchangeXref googleXref iphoneXref
    """,
    "Country": """
        addressFormat cityCaption coreEntityCountryCode currency dialingPrefix localizationCaptionOne
        localizationValueOne stateCaption zipCaption zipMinimumLength
    """,
    "Board": """
        allSort autoAssignLimitAmount autoAssignLimitFlag autoAssignNewECTicketsFlag
        autoAssignNewPortalTicketsFlag autoAssignNewTicketsFlag autoAssignTicketOwnerFlag autoCloseStatus
        billExpense billProduct billTicketsAfterClosedFlag billTicketSeparatelyFlag billTime
        billUnapprovedTimeExpenseFlag boardIcon closedLoopAllFlag closedLoopDiscussionsFlag
        closedLoopInternalAnalysisFlag closedLoopResolutionFlag contactTemplate discussionsLockedFlag
        dispatchMember dutyManagerMember emailConnectorAllowReopenClosedFlag
        emailConnectorNeverReopenByDaysClosedFlag emailConnectorNeverReopenByDaysFlag
        emailConnectorNewTicketNoMatchFlag emailConnectorReopenDaysClosedLimit emailConnectorReopenDaysLimit
        emailConnectorReopenResourcesFlag emailConnectorReopenStatus internalAnalysisSort markFirstNoteIssueFlag
        notifyEmailFrom notifyEmailFromName oncallMember overrideBillingSetupFlag percentageCalculation
        problemSort resolutionSort resourceTemplate restrictBoardByDefaultFlag sendToBundledFlag sendToCCFlag
        sendToContactFlag sendToResourceFlag serviceManagerMember showDependenciesFlag showEstimatesFlag
        signOffTemplate timeEntryDiscussionFlag timeEntryInternalAnalysisFlag timeEntryLockedFlag
        timeEntryResolutionFlag useMemberDisplayNameFlag workRole workType
    """,
    "BoardStatus": """
        customerPortalDescription customerPortalFlag customStatusIndicatorName emailTemplate roundRobinCatchall
        saveTimeAsNote statusIndicator
    """,
    "Priority": """
        imageLink urgencySortOrder
    """,
    "Ticket": """
        actualHours addressLine1 addressLine2 agreement agreementType allowAllClientsPortalView approved
        automaticEmailCc automaticEmailCcFlag automaticEmailContactFlag automaticEmailResourceFlag billExpenses
        billingAmount billingMethod billProducts billTime budgetHours city contactEmailAddress
        contactEmailLookup contactPhoneExtension contactPhoneNumber country currency customerUpdatedFlag
        dateResolved dateResplan dateResponded department duration escalationLevel escalationStartDateUTC
        estimatedExpenseCost estimatedExpenseRevenue estimatedProductCost estimatedProductRevenue
        estimatedStartDate estimatedTimeCost estimatedTimeRevenue externalXRef hasChildTicket
        hasMergedChildTicketFlag hourlyRate impact initialDescription initialDescriptionFrom
        initialInternalAnalysis initialResolution integratorTags isInSla item knowledgeBaseCategoryId
        knowledgeBaseLinkId knowledgeBaseLinkType knowledgeBaseSubCategoryId lagDays lagNonworkingDaysFlag
        location mergedParentTicket minutesBeforeWaiting minutesWaiting mobileGuid opportunity parentTicketId
        poNumber predecessorClosedFlag predecessorId predecessorType processNotifications requestForChangeFlag
        requiredDate resolutionHours resolvedBy resolveMinutes resplanBy resplanHours resPlanMinutes
        resplanSkippedMinutes respondedBy respondedHours respondedSkippedMinutes respondMinutes serviceLocation
        severity skipCallback sla source stateIdentifier subBillingAmount subBillingMethod subDateAccepted
        subType team type workRole workType zip
    """,
    "ProjectTicket": """
        actualHours addressLine1 addressLine2 agreement agreementType allowAllClientsPortalView approved
        automaticEmailCc automaticEmailCcFlag automaticEmailContactFlag automaticEmailResourceFlag billExpenses
        billProducts billTime budgetHours city contactEmailAddress contactEmailLookup contactPhoneExtension
        contactPhoneNumber country currency customerUpdatedFlag department duration estimatedStartDate
        initialDescription initialInternalAnalysis initialResolution isIssueFlag item knowledgeBaseCategoryId
        knowledgeBaseLinkId knowledgeBaseLinkType knowledgeBaseSubCategoryId lagDays lagNonworkingDaysFlag
        location mobileGuid opportunity phase predecessorClosedFlag predecessorId predecessorType
        processNotifications project requiredDate scheduleEndDate scheduleStartDate serviceLocation skipCallback
        source stateIdentifier subBillingAmount subBillingMethod subDateAccepted subType tasks type wbsCode
        workRole workType zip
    """,
    "ServiceNote": """
        issueFlag processNotifications sentimentScore
    """,
    "TicketNote": """
        issueFlag processNotifications
    """,
    "ServiceTicketNote": """
        bundledFlag createdByParentFlag isMarkdownFlag issueFlag mergedFlag originalAuthor
    """,
    "ProjectTicketNote": """
        bundledFlag issueFlag mergedFlag originalAuthor
    """,
    "TimeEntry": """
        activity addToDetailDescriptionFlag addToInternalAnalysisFlag addToResolutionFlag adjustment agreement
        agreementAdjustment agreementAmount agreementHours agreementType businessGroupDesc businessUnitId
        companyType customFields department emailCc emailCcFlag emailContactFlag emailResourceFlag
        extendedInvoiceAmount hourlyCost hourlyRate hoursBilled hoursDeduct invoice invoiceFlag invoiceHours
        invoiceReady location locationId locationName mobileGuid opportunityRecid overageRate phase project
        projectActivity taxCode territory ticketBoard ticketStatus ticketSubType ticketType timeSheet workRole
        workType
    """,
    "Member": """
        adminFlag agreementInvoicingDisplayOptions allowExpensesEnteredAgainstCompaniesFlag
        allowInCellEntryOnTimeSheet authenticationServiceType autoPopupQuickNotesWithStopwatch
        autoStartStopwatch billableForecast calendar calendarSyncIntegrationFlag clientId
        companyActivityTabFormat copyColumnLayoutsAndFilters copyPodLayouts copySharedDefaultViews country
        customFields dailyCapacity daysTolerance defaultDepartment defaultLocation directionalSync
        disableOnlineFlag employeeIdentifer enableLdapAuthenticationFlag enableMobileFlag enableMobileGpsFlag
        enterTimeAgainstCompanyFlag excludedProjectBoardIds excludedServiceBoardIds expenseApprover
        fromMemberRecId fromMemberTemplateRecId globalSearchDefaultSort globalSearchDefaultTicketFilter
        hideMemberInDispatchPortalFlag homeEmail homeExtension homePhone hourlyCost hourlyRate inactiveDate
        includeInUtilizationReportingFlag invoiceScreenDefaultTabFormat invoiceTimeTabFormat
        invoicingDisplayOptions lastLogin ldapConfiguration ldapUserName mapiName memberPersonas middleInitial
        minimumHours mobileEmail mobileExtension mobilePhone notes office365 officeExtension officePhone
        partnerPortalFlag password phoneIntegrationType phoneSource photo projectDefaultBoard
        projectDefaultDepartment projectDefaultLocation reportCard reportsTo requireExpenseEntryFlag
        requireStartAndEndTimeOnTimeEntryFlag requireTimeSheetEntryFlag restrictDefaultSalesTerritoryFlag
        restrictDefaultWarehouseBinFlag restrictDefaultWarehouseFlag restrictDepartmentFlag restrictLocationFlag
        restrictProjectDefaultDepartmentFlag restrictProjectDefaultLocationFlag restrictScheduleFlag
        restrictServiceDefaultDepartmentFlag restrictServiceDefaultLocationFlag salesDefaultLocation
        scheduleCapacity scheduleDefaultDepartment scheduleDefaultLocation securityLocation serviceBoardTeamIds
        serviceDefaultBoard serviceDefaultDepartment serviceDefaultLocation serviceLocation signature
        ssoSettings structureLevel stsUserAdminUrl teams timeApprover timebasedOneTimePasswordActivated
        timeReminderEmailFlag timeSheetStartDate timeZone title toastNotificationFlag token type
        useBrowserLanguageFlag vendorNumber warehouse warehouseBin workRole workType
    """,
    "UserDefinedField": """
        addAllBusinessUnits addAllLocations buttonUrl connectWiseID dateCreated helpText removeAllBusinessUnits
        removeAllLocations
    """,
}

UNFILLED: Mapping[str, frozenset[str]] = {model: frozenset(names.split()) for model, names in _NAMES.items()}
